// Command line. An account for one showing, with so many credits and not one more, and the grant that an operator makes
// to it. Each showing has an account of its own, so that nothing left of an earlier one changes what is seen.
import { randomBytes } from 'node:crypto';
import type { MicroCredits } from '@fairmeter/domain';
import { instant } from '@fairmeter/domain';
import { LedgerStore, LotLedger } from '@fairmeter/ledger';
import { newId, WriterDatabase } from '@fairmeter/platform/database';
import type { CreditGrant, TrialBot } from '../stack/database-port.js';
import { seedAccount, seedBot, seedKey } from './bot-rows.js';
import { openEntities } from './provision.js';

const ZONE = 'Europe/Berlin';

export async function openTrial(writerUrl: string, amount: MicroCredits): Promise<TrialBot> {
  const accountId = newId('acc');
  const botId = newId('bot');
  const botKey = `fm_live_${randomBytes(24).toString('base64url')}`;
  const entities = await openEntities(writerUrl);
  try {
    await entities.transaction(async (tx) => {
      await seedAccount(tx, { id: accountId, name: 'Trial account', zone: ZONE, planId: 'plan_premium' });
      const work = { type: 'coding', program: 'workspace', model: 'demo-coder', iterations: 5 } as const;
      await seedBot(tx, { id: botId, accountId, name: 'Trial coding bot', ...work });
      await seedKey(tx, { key: botKey, accountId, botId, scopes: ['submit', 'read'] });
    });
  } finally {
    await entities.close();
  }
  await grantCredits(writerUrl, { accountId, amount, sourceRef: 'trial/start' });
  return { accountId, botId, botKey };
}

/** Once for good: the same source is the same lot. */
export async function grantCredits(writerUrl: string, grant: CreditGrant): Promise<void> {
  const { accountId, amount, sourceRef } = grant;
  const writer = await WriterDatabase.open({ url: writerUrl, maxConnections: 1, applicationName: 'fairmeter-grant' });
  try {
    const granted = await new LotLedger(new LedgerStore(writer)).grantToAccount(accountId, instant(Date.now()), {
      kind: 'bonus_promo',
      amount,
      sourceRef,
      validFrom: instant(0),
      expiresAt: null,
    });
    if (!granted.ok) throw new Error(`the credits were refused: ${granted.refusal.code}`);
  } finally {
    await writer.close();
  }
}
