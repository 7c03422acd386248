/** The pause in typing before a search starts. */
export const SEARCH_DELAY_MS = 250;
