// Ledger room. The half of `dailyLotId` that statements need: which lots the ledger opened for a day by itself, and the
// id of the one it would open.

/** True of a lot that was opened for a day, and not of a daily one that somebody granted by hand. */
export const isDayLot = (lotId: string): string => `${lotId} LIKE 'lot\\_day\\_%'`;

/** `start` is an expression for the milliseconds at which the day began. */
export const dayLotId = (scopeId: string, start: string): string =>
  `'lot_day_' || replace(substr(${scopeId}, strpos(${scopeId}, '/') + 1), '/', '_') || '_' || ${start}`;
