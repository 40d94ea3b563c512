// Plausible's earlier scripts, where their tag has more to say than ours: starts by itself.
import "./attributes.ts";
import "./pa.ts";
