/** What the page of the API decides, apart from the page. */

/** Whether every word that is looked for is somewhere in `text`. */
export function matches(wanted: string, text: string): boolean {
  const within = text.toLowerCase();
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => within.includes(word));
}

/** The language chosen before if there still is one, else the first. */
export function chosenLanguage(stored: string | null, known: readonly string[]): string {
  return known.find((each) => each === stored) ?? known[0] ?? "";
}

/** Which of `count` tabs a key leads to from `index`; around the ends. */
export function neighbour(index: number, count: number, key: string): number {
  if (key === "ArrowRight") return (index + 1) % count;
  if (key === "ArrowLeft") return (index + count - 1) % count;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return index;
}
