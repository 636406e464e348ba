// Ledger room. What statements need of the lots that a scope opens by itself: which they are, and the id of the one
// that it would open for a day (the half of `dailyLotId`).

/** True of a lot that was opened for a day, and not of a daily one that somebody granted by hand. */
export const isDayLot = (lotId: string): string => `${lotId} LIKE 'lot\\_day\\_%'`;

/** True of every lot that its scope opened by itself: a day's, or the month's of a test scope. */
export const isDueLot = (lotId: string): string => `(${isDayLot(lotId)} OR ${lotId} LIKE 'lot\\_month\\_%')`;

/** `start` is an expression for the milliseconds at which the day began. */
export const dayLotId = (scopeId: string, start: string): string =>
  `'lot_day_' || replace(substr(${scopeId}, strpos(${scopeId}, '/') + 1), '/', '_') || '_' || ${start}`;
