/** Countries by their ISO 3166 code: names from the browser, flags from Unicode. */

const NAMES = new Intl.DisplayNames("en", { type: "region", fallback: "none" });
const CODE = /^[A-Z]{2}$/;
const REGIONAL_INDICATOR_A = 0x1f1e6;

/** "DE" -> "Germany"; what is no code of a country is left as it is. */
export function countryName(code: string): string {
  return CODE.test(code) ? (NAMES.of(code) ?? code) : code;
}

/** "DE" -> the flag; empty for what is no code. */
export function flag(code: string): string {
  if (!CODE.test(code)) return "";
  const letter = (at: number) => REGIONAL_INDICATOR_A + code.charCodeAt(at) - 65;
  return String.fromCodePoint(letter(0), letter(1));
}

/** The codes of all countries whose name has `term` in it, whatever its case. */
export function countriesNamed(term: string): string[] {
  const wanted = term.trim().toLowerCase();
  return CODES.filter((code) => countryName(code).toLowerCase().includes(wanted));
}

/** The codes of all other countries. */
export function countriesNotNamed(term: string): string[] {
  const named = new Set(countriesNamed(term));
  return CODES.filter((code) => !named.has(code));
}

/** Every two-letter code this browser has a name for. */
const CODES: readonly string[] = Array.from({ length: 26 * 26 }, (_, index) =>
  String.fromCharCode(65 + Math.floor(index / 26), 65 + (index % 26)),
).filter((code) => NAMES.of(code) !== undefined);
