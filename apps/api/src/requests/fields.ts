// API room. Fields that many requests share, each read in one way: ids, names, instants, yes or no.
import type { Instant } from '@fairmeter/domain';
import { instant } from '@fairmeter/domain';
import { z } from 'zod';
import { fault, FAULTS } from '../wording/fault-words.js';
import { nameText } from './texts.js';

export const BOT_ID = /^bot_[0-9A-Za-z_-]{1,64}$/;
const MAX_MODEL_CHARACTERS = 200;
const MAX_THREAD_CHARACTERS = 120;

const ACCOUNT_ID = /^acc_[0-9A-Za-z_-]{1,64}$/;
export const accountIdField = z.string().regex(ACCOUNT_ID, fault('id_with', { prefix: 'acc_' }));
export const botIdField = z.string().regex(BOT_ID, fault('id_with', { prefix: 'bot_' }));
export const modelField = nameText(MAX_MODEL_CHARACTERS);
export const threadField = nameText(MAX_THREAD_CHARACTERS);

export const instantField = z.iso
  .datetime({ offset: true, error: FAULTS.instant })
  .transform((text): Instant => instant(Date.parse(text)));

/** Of what was: nothing is older than the epoch from which instants are counted. */
export const pastInstantField = instantField.refine((at) => at >= 0, 'must not be before 1970');

export const yesOrNo = z.enum(['true', 'false']).transform((text) => text === 'true');

export const CAMPAIGN_ID = /^cmp_[0-9a-z]{1,64}$/;
export const campaignField = z.string().regex(CAMPAIGN_ID, FAULTS.campaign_id);
