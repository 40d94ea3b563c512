// Which files are downloads to Plausible's scripts: https://plausible.io/docs/file-downloads-tracking

/** What they are by themselves, and what our own script knows beside them. */
export const FILE_TYPES =
  "pdf|xlsx?|docx?|pp[ts]x?|txt|rtf|csv|exe|key|7z|pkg|rar|gz|zip|avi|mov|mpeg|wmv|midi|wav|wma|dmg|mp[34]";

/** Endings as a pattern for `fileTypes`: word for word. */
export const toPattern = (types: string[]) =>
  types.map((type) => type.trim().replace(/\W/g, "\\$&")).join("|");
