// Everything the script does, in the order it starts.
import "./clicks.ts";
import "./pages.ts";
import { track } from "./track.ts";
import type { Track } from "./types.ts";

const stubs = [window.pawprint, window.plausible];
// A page made for Plausible's script goes on as it is.
window.pawprint = window.plausible = track;
(track as Track).on = 1;
for (const stub of stubs) stub?.q?.map((call) => track(...(call as Parameters<Track>)));
