// API room. A no for lack of usage units, as a visitor hears it: in the visitor's language, with what has to be said
// and what is open to this visitor alone. Figures of whoever runs the bot are left out: they are not the visitor's.
import { PROBLEMS } from '@fairmeter/contracts';
import { Injectable } from '@nestjs/common';
import type { VisitorCaller } from '../callers/caller.js';
import { ProblemError } from '../problems/problem-error.js';
import type { Language } from '../wording/catalogue.js';
import { optionsAtZero, toldOf } from './at-zero.js';
import { UsageUnits } from './usage-units.js';

const PAYMENT_REQUIRED = 402;

@Injectable()
export class VisitorRefusals {
  constructor(private readonly units: UsageUnits) {}

  /** Any other error stays what it is. */
  async heard(error: unknown, caller: VisitorCaller, language: Language): Promise<unknown> {
    if (!(error instanceof ProblemError) || PROBLEMS[error.code].status !== PAYMENT_REQUIRED) return error;
    const { bot, means } = await this.units.read(caller);
    return new ProblemError(error.code, error.detail, {
      members: { language, told: toldOf(language, bot), options: optionsAtZero(language, means) },
    });
  }
}
