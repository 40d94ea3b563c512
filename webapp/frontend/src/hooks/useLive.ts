import { useEffect, useReducer } from "react";

import { listenLive } from "../api/live";
import { INITIAL_LIVE, type LiveState, mergeLive } from "../lib/live";

/** What the event stream of a site has said so far. */
export function useLive(domain: string): LiveState {
  const [state, dispatch] = useReducer(mergeLive, INITIAL_LIVE);
  useEffect(() => listenLive(domain, dispatch), [domain]);
  return state;
}
