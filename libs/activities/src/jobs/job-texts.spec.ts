// Goal: what a worker remembers of a job's texts is what is on record, costs no reading, and stays bounded.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@fairmeter/platform/database';
import { readTexts, saveText, storedText } from '@fairmeter/records';
import { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import { JobTexts } from './job-texts.js';

type Manager = LedgerDatabase['entities']['manager'];

let db: LedgerDatabase;
let asked: number;
let manager: Manager;

beforeAll(async () => {
  db = await LedgerDatabase.open();
  const real = db.entities.manager;
  const counting = { query: (sql: string, values: unknown[]) => ((asked += 1), real.query(sql, values)) };
  manager = counting as unknown as Manager;
}, 60_000);

beforeEach(() => {
  asked = 0;
});

afterAll(async () => {
  await db.close();
}, 60_000);

async function saved(body: string): Promise<string> {
  const id = newId('txt');
  const owner = { accountId: newId('acc'), subject: newId('bot'), purpose: 'answer' } as const;
  await saveText(db.entities.manager, { ...owner, id, body });
  return id;
}

describe('the texts of a job', () => {
  it('are read once, and what is not on record is left out', async () => {
    const texts = new JobTexts();
    const id = await saved('A plan.');
    const wanted = new Map([[id, 'A plan.']]);
    expect(await texts.read(manager, 'job_1', [id])).toEqual(wanted);
    expect(await texts.read(manager, 'job_1', [id])).toEqual(wanted);
    expect(asked).toBe(1);
    expect(await texts.read(manager, 'job_1', [id, 'txt_none'])).toEqual(wanted);
    expect(asked).toBe(2);
  });

  it('are kept as they come back from the record, whatever was said', async () => {
    const said = 'a\0b \ud83d c 👩‍💻';
    const id = await saved(said);
    const texts = new JobTexts();
    texts.keep('job_1', id, storedText(said));
    expect(await texts.read(manager, 'job_1', [id])).toEqual(await readTexts(db.entities.manager, [id]));
    expect(asked).toBe(0);
  });

  it('go with their job', async () => {
    const texts = new JobTexts();
    const id = await saved('A plan.');
    texts.keep('job_1', id, 'A plan.');
    texts.forget('job_1');
    await texts.read(manager, 'job_1', [id]);
    expect(asked).toBe(1);
  });

  it('push out those of the job used longest ago, and a very long one nobody', async () => {
    const texts = new JobTexts();
    const long = 'x'.repeat(1_048_576);
    for (let job = 1; job <= 16; job++) texts.keep(`job_${job}`, `txt_${job}`, long);
    await texts.read(manager, 'job_1', ['txt_1']);
    texts.keep('job_1', 'txt_longer', `${long}x`);
    expect(asked).toBe(0);
    texts.keep('job_17', 'txt_17', 'one more');
    expect((await texts.read(manager, 'job_2', ['txt_2'])).size).toBe(0);
    expect((await texts.read(manager, 'job_17', ['txt_17'])).size).toBe(1);
    expect(asked).toBe(1);
  });
});
