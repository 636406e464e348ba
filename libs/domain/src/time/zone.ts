// Domain room, calendar. Time zone names: which are taken, and how they are spelt. A name is kept as it was set, an
// alias too, because the runtime's own spelling is another (it calls Asia/Kolkata Asia/Calcutta) and changes with it.
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import { Temporal } from './calendar.js';

/** The package would also take offsets, and read a zone out of a longer text. */
const NAME = /^[A-Za-z][\w+-]*(?:\/[A-Za-z][\w+-]*)*$/;
/** Twice what the longest name has; a wall of text stays out of answers and caches. */
const LONGEST_NAME = 64;
/** Names that the runtime's library knows and the IANA database does not (any more). */
const NOT_IANA = /^(?:systemv\/.*|us\/pacific-new)$/i;

/** The name in IANA spelling, or a refusal. Offsets are none: they know no summer time, so no local midnight. */
export function zoneName(text: string): Outcome<string> {
  const spelt = text.length <= LONGEST_NAME && NAME.test(text) && !NOT_IANA.test(text) ? spelling(text) : undefined;
  if (spelt === undefined) {
    return refuse({ code: 'time_zone_invalid', timeZone: text.slice(0, LONGEST_NAME) });
  }
  return accept(spelt);
}

function spelling(text: string): string | undefined {
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text).timeZoneId;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
