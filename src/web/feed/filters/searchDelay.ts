/** How long nothing is typed before it is searched for. */
export const SEARCH_DELAY_MS = 250;
