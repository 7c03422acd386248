const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const MOMENT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short' });
const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

/** "14:03", by the reader's clock. */
export const clockTime = (moment: Date): string => CLOCK.format(moment);

/** "7 July 2025 at 14:03", by the reader's clock. */
export const momentText = (moment: string): string => MOMENT.format(new Date(moment));

/** "7 July 2025", of a calendar day. */
export const dayText = (day: string): string => DAY.format(new Date(`${day}T00:00:00Z`));
