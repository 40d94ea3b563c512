// Asks through a client library for Plausible, which is given our address and nothing else.
//
// The library writes plausible.io into its addresses and takes a function that fetches: ours
// changes the host name, as somebody does who moves a site here.
import { aggregate, breakdown, timeseries } from "@jackdbd/plausible-client/stats/api";

const [base, key, siteId] = process.argv.slice(2);

async function fetchClient(url) {
  const moved = url.replace("https://plausible.io", base);
  const response = await fetch(moved, { headers: { Authorization: `Bearer ${key}` } });
  const body = await response.json();
  if (!response.ok) throw new Error(body.error);
  return body;
}

const config = { fetchClient, siteId };
const metrics = "visitors,pageviews,bounce_rate";
const found = {
  aggregate: await aggregate(config, { metrics, period: "7d", compare: "previous_period" }),
  breakdown: await breakdown(config, { metrics: "visitors,pageviews", period: "7d", limit: 10 }),
  timeseries: await timeseries(config, { metrics: "visitors,pageviews", period: "7d" }),
  refusal: await aggregate({ ...config, siteId: "nobody.example" }).catch((error) => error.message),
};
console.log(JSON.stringify(found));
