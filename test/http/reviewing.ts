// HTTP suites. Usage reviews on a running stack: whoever reports by form or mail, the staff at their desk, and what was
// announced of it.
import { createHmac } from 'node:crypto';
import { newId } from '@fairmeter/platform/database';
import { expectLedgerHolds } from '../harness/audit.js';
import type { Answer, BotClient } from '../harness/bot-client.js';
import { SignedIn, TestIssuer } from '../harness/signed-in.js';
import { StaffClient } from '../harness/staff.js';
import type { RunningWorker, TestStackOptions } from '../harness/test-stack.js';
import { TestStack } from '../harness/test-stack.js';
import { VISITOR_ENV } from '../harness/visitors.js';

const SECRET = Buffer.alloc(24, 3);

export type Body = Answer['body'];

/** Without the thread. */
export const DETAILS = {
  task: 'Publish a page',
  model: 'unknown',
  build_state: 'red',
  message_count: '3',
  large_files: 'none',
};

export interface Told {
  readonly facts: Body;
  readonly visitor_id: string | null;
  readonly mail_to: string | null;
  readonly mail_ref: string | null;
  readonly language: string;
}

export class Reviewing {
  readonly support: StaffClient;
  readonly admin: StaffClient;

  private constructor(
    readonly stack: TestStack,
    private readonly issuer: TestIssuer,
    private readonly worker: RunningWorker,
  ) {
    this.support = StaffClient.of(stack, issuer, 'support');
    this.admin = StaffClient.of(stack, issuer, 'admin');
  }

  static async open(options: Pick<TestStackOptions, 'models' | 'worker'>): Promise<Reviewing> {
    const issuer = await TestIssuer.open();
    const inbound = `whsec_${SECRET.toString('base64')}`;
    const api = { ...VISITOR_ENV, OIDC_ISSUERS: issuer.setting, INBOUND_MAIL_SECRET: inbound };
    const stack = await TestStack.open({ ...options, api });
    const worker = await stack.startWorker();
    await stack.startApi();
    return new Reviewing(stack, issuer, worker);
  }

  /** Somebody of an account; `claims` say more of them. */
  async person(accountId: string, role: 'owner' | 'member', claims: object = {}): Promise<SignedIn> {
    const person = new SignedIn(this.stack.apiUrl, this.issuer.token({ sub: newId('usr'), ...claims }));
    const userId = String((await person.get('/v1/me')).body['user_id']);
    await this.stack.entities.manager.query(
      'INSERT INTO records.memberships (account_id, user_id, role) VALUES ($1, $2, $3)',
      [accountId, userId, role],
    );
    return person.inAccount(accountId);
  }

  async desk(id: string, verb: string, { body = {}, by = this.support }: DeskCall = {}): Promise<Answer> {
    return by.call('POST', `/v1/support/reviews/${id}/${verb}`, { body });
  }

  async seen(id: string): Promise<Body> {
    return (await this.support.call('GET', `/v1/support/reviews/${id}`)).body;
  }

  /** As the gateway hands it on; signed with another secret where one is named. */
  async mail(message: Readonly<Record<string, unknown>>, secret: Uint8Array = SECRET): Promise<Answer> {
    const body = JSON.stringify(message);
    const [id, timestamp] = ['msg_1', String(Math.floor(Date.now() / 1_000))];
    const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
    const response = await fetch(`${this.stack.apiUrl}/v1/inbound/email`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature}`,
      },
      body,
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
  }

  /** What is due to be mailed is sent. */
  async sendMails(): Promise<void> {
    while ((await this.worker.parts.noticeMails.sendOne()) > 0);
  }

  async announced(id: unknown): Promise<readonly Told[]> {
    return this.stack.entities.manager.query<Told[]>(
      `SELECT facts, visitor_id, mail_to, mail_ref, language FROM records.announcements
       WHERE about = $1 AND type = 'review.changed' ORDER BY seq`,
      [id],
    );
  }

  /** What came back as credits of their own, the oldest first. */
  async restoredTo(accountId: string): Promise<readonly Body[]> {
    return this.stack.entities.manager.query<Body[]>(
      `SELECT kind, granted::text, expires_at, source_ref FROM ledger.lots
       WHERE account_id = $1 AND scope_id = 'account/' || $1 AND kind = 'compensation' ORDER BY id`,
      [accountId],
    );
  }

  /** Nobody hears anything any more. */
  async stopWorker(): Promise<void> {
    await this.worker.stop();
  }

  async close(): Promise<void> {
    await expectLedgerHolds(this.stack);
    await this.stack.stop();
    await this.issuer.close();
  }
}

interface DeskCall {
  readonly body?: object;
  readonly by?: StaffClient;
}

/** A visitor's report, in a language of theirs. */
export async function reportedBy(client: BotClient, thread: string, language: string): Promise<Answer> {
  const response = await client.fetch('/v1/reviews', {
    method: 'POST',
    body: JSON.stringify({ thread, ...DETAILS }),
    headers: {
      'content-type': 'application/json',
      'idempotency-key': thread,
      'accept-language': language,
    },
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
}
