// Records room. Its entities as an explicit list.
import { AccountRow, PlanRow } from './account.row.js';
import { ApiKeyRow, BotRow } from './bot.row.js';
import { QuoteRow } from './quote.row.js';
import { ModelPriceRow, RateCardRow, UnitPriceRow } from './rate-card.row.js';
import { TextRow } from './text.row.js';
import { WorkerRow } from './worker.row.js';

export const recordsEntities = [
  AccountRow,
  ApiKeyRow,
  BotRow,
  ModelPriceRow,
  PlanRow,
  QuoteRow,
  RateCardRow,
  TextRow,
  UnitPriceRow,
  WorkerRow,
];
