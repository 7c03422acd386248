/** The value that Prisma expects for a `date` column: midnight UTC of the day. */
export function dayToDate(day: string | undefined | null): Date | null {
  return day ? new Date(`${day}T00:00:00Z`) : null;
}

/** `YYYY-MM-DD` */
export function dateToDay(date: Date): string {
  return date.toISOString().slice(0, 10);
}
