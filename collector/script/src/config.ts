// What the page's script tag, or the page's own code, asked for.
import type { Config } from "./types.ts";

/** The script's tag, or what stands for it in the package: the build puts it there. */
declare const tag: { dataset: Config; src: string };

export const { dataset: config, src } = tag;

/** Listens on the way down from the window, so that nobody who stops an event hides it. */
export const on = (names: string, listener: (event: Event) => void) =>
  names.split(" ").map((name) => addEventListener(name, listener, true));

/** What tells pages apart. */
export const pathNow = () => location.pathname + ("hash" in config ? location.hash : "");

/** Rounded, for what is not negative. */
export const whole = (value: number) => (value + 0.5) | 0;
