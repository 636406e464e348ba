// Command line. The demo account: one chat and one coding bot, a key for each and one for the account, and credits to
// spend. Seeding again changes nothing but finds it all.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { accountScope, credits, instant, type Environment } from '@fairmeter/domain';
import { LotLedger, LedgerStore, TermsLedger } from '@fairmeter/ledger';
import { WriterDatabase } from '@fairmeter/platform/database';
import type { EntityManager } from 'typeorm';
import type { DemoSeed } from '../stack/database-port.js';
import { awaitSubscription, seedAccount, seedBot, seedKey } from './bot-rows.js';
import { openEntities } from './provision.js';

const DEMO = { accountId: 'acc_demo', chatBotId: 'bot_demo_chat', codingBotId: 'bot_demo_coder' } as const;

const DEMO_ZONE = 'Europe/Berlin';

export interface DemoToSeed {
  readonly writerUrl: string;
  readonly keysFile: string;
  /** Where nobody takes payments the account is on the plan that costs nothing: an order of another one would lapse. */
  readonly takesPayments: boolean;
}

export async function seedDemo(input: DemoToSeed): Promise<DemoSeed> {
  const planId = input.takesPayments ? 'plan_premium' : 'plan_free';
  const keys = keptKeys(input.keysFile);
  const entities = await openEntities(input.writerUrl);
  try {
    await entities.transaction((tx) => seedPeople(tx, keys, planId));
  } finally {
    await entities.close();
  }
  const writer = await WriterDatabase.open({
    url: input.writerUrl,
    maxConnections: 1,
    applicationName: 'fairmeter-seed',
  });
  try {
    const store = new LedgerStore(writer);
    await setDemoTerms(new TermsLedger(store));
    await grantDemoCredits(new LotLedger(store));
  } finally {
    await writer.close();
  }
  return { ...DEMO, ...keys };
}

type DemoKeys = Pick<DemoSeed, 'chatBotKey' | 'codingBotKey' | 'testKey' | 'accountKey'>;

/** The database keeps hashes only; the demo's own keys stay in the private state folder, to be shown again. */
function keptKeys(file: string): DemoKeys {
  const key = (environment: Environment = 'live'): string =>
    `fm_${environment}_${randomBytes(24).toString('base64url')}`;
  const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<DemoKeys>) : {};
  // A file of an earlier version lacks the keys that came later; those it has stay.
  const keys = { chatBotKey: key(), codingBotKey: key(), testKey: key('test'), accountKey: key(), ...kept };
  writeFileSync(file, JSON.stringify(keys), { mode: 0o600 });
  return keys;
}

async function seedPeople(tx: EntityManager, keys: DemoKeys, planId: string): Promise<void> {
  const { accountId, chatBotId, codingBotId } = DEMO;
  await seedAccount(tx, { id: accountId, name: 'Demo account', zone: DEMO_ZONE, planId });
  await awaitSubscription(tx, accountId);
  const chat = { type: 'chat', program: 'answer', name: 'Demo chat bot', model: 'demo-chat', iterations: 1 } as const;
  await seedBot(tx, { id: chatBotId, accountId, ...chat });
  const coding = { type: 'coding', program: 'workspace', name: 'Demo coding bot', model: 'demo-coder' } as const;
  await seedBot(tx, { id: codingBotId, accountId, ...coding, iterations: 5 });
  const scopes = ['submit', 'read'];
  // With `report` a bot may also bring an agent of its own, with `visitors` let people in by tokens.
  const reporting = [...scopes, 'report'];
  const ofBots = [...reporting, 'visitors'];
  await seedKey(tx, { key: keys.chatBotKey, accountId, botId: chatBotId, scopes: ofBots });
  await seedKey(tx, { key: keys.codingBotKey, accountId, botId: codingBotId, scopes: ofBots });
  const testing = { environment: 'test', accountId, botId: codingBotId, scopes: reporting } as const;
  await seedKey(tx, { key: keys.testKey, ...testing });
  await seedKey(tx, { key: keys.accountKey, accountId, botId: null, scopes: [...scopes, 'account'] });
}

/** Five credits a day, of Berlin's days: the zone of the account above. */
async function setDemoTerms(terms: TermsLedger): Promise<void> {
  const set = await terms.setTerms({
    owner: { scopeId: accountScope(DEMO.accountId), accountId: DEMO.accountId },
    changeKey: 'demo/first',
    asOf: instant(Date.now()),
    order: { zone: DEMO_ZONE, dailyAllowance: credits(5n) },
  });
  if (!set.ok) throw new Error(`the demo's terms were refused: ${set.refusal.code}`);
}

/** Once for good: the same source is the same lot. */
async function grantDemoCredits(grants: LotLedger): Promise<void> {
  const now = instant(Date.now());
  const lots = [
    { kind: 'subscription', amount: credits(300n), sourceRef: 'demo/subscription' },
    { kind: 'bonus_promo', amount: credits(50n), sourceRef: 'demo/welcome' },
  ] as const;
  for (const lot of lots) {
    const granted = await grants.grantToAccount(DEMO.accountId, now, {
      ...lot,
      validFrom: instant(0),
      expiresAt: null,
    });
    if (!granted.ok) throw new Error(`the demo credits were refused: ${granted.refusal.code}`);
  }
}
