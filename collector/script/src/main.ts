import { start } from "./pawprint.ts";

const tag = document.currentScript;
if (tag instanceof HTMLScriptElement) start(window, tag);
