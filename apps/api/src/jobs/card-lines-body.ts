// API room. Lines of the pinned card: a meter, its rate, and what the two come to before anything is rounded.
import type { CardLine } from '@fairmeter/domain';
import { formatCredits, formatExactCredits, LINE_METERS, RATE_UNITS, showCharge } from '@fairmeter/domain';
import type { MicroCredits } from '@fairmeter/domain';
import { z } from 'zod';
import { credits } from './job-body.js';

export const exactCredits = z
  .string()
  .regex(/^-?\d+\.\d{12}$/)
  .describe('Credits with twelve decimals, not rounded.');
export const shownCredits = z
  .string()
  .regex(/^-?\d+\.\d$/)
  .describe('One decimal, rounded half up from the exact amount beside it: to show, never to add up.');

export const cardLine = z.object({
  meter: z.enum(LINE_METERS),
  quantity: z.int(),
  rate: credits,
  per: z.enum(RATE_UNITS),
  amount: exactCredits,
});

/** A meter that was not used is no line. */
export function linesBody(lines: readonly CardLine[]): z.output<typeof cardLine>[] {
  return lines
    .filter(({ quantity }) => quantity > 0)
    .map(({ meter, quantity, rate, per, exact }) => ({
      meter,
      quantity,
      rate: formatCredits(rate),
      per,
      amount: formatExactCredits(exact),
    }));
}

export const charged = { charge: credits, charge_shown: shownCredits };

export function chargedBody(charge: MicroCredits): { charge: string; charge_shown: string } {
  return { charge: formatCredits(charge), charge_shown: showCharge(charge) };
}
