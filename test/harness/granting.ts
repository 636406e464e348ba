// Test harness. Staff who grant credits and accounts that are given some, on a running stack.
import { GRANT_WORKFLOW, grantWorkflowId } from '@fairmeter/contracts';
import { expectLedgerHolds } from './audit.js';
import type { Answer } from './bot-client.js';
import { keepStory } from './kept-stories.js';
import { OwnerClient } from './owner-client.js';
import { openBot } from './people.js';
import { TestIssuer } from './signed-in.js';
import { StaffClient } from './staff.js';
import { TestStack } from './test-stack.js';

export const DAY_MS = 86_400_000;

export const grantIdOf = ({ body }: Answer): string => String(body['id']);
export const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();

export class Granting {
  readonly support: StaffClient;
  readonly admin: StaffClient;
  readonly otherAdmin: StaffClient;

  private constructor(
    readonly stack: TestStack,
    readonly issuer: TestIssuer,
  ) {
    this.support = StaffClient.of(stack, issuer, 'support');
    this.admin = StaffClient.of(stack, issuer, 'admin');
    this.otherAdmin = StaffClient.of(stack, issuer, 'admin');
  }

  static async open(): Promise<Granting> {
    const issuer = await TestIssuer.open();
    const stack = await TestStack.open({ api: { OIDC_ISSUERS: issuer.setting } });
    await stack.startWorker();
    await stack.startApi();
    return new Granting(stack, issuer);
  }

  async account(): Promise<GrantedAccount> {
    const { accountId } = await openBot(this.stack);
    return new GrantedAccount(this.stack, accountId, await OwnerClient.open(this.stack, accountId));
  }

  async decide(by: StaffClient, grant: Answer, verdict: 'approve' | 'reject'): Promise<Answer> {
    const body = { reason: 'Looked at it' };
    return by.call('POST', `/v1/staff/grants/${grantIdOf(grant)}/${verdict}`, { body, key: 'decided' });
  }

  /** Its workflow is over, and replays. */
  async keep(name: string, grant: Answer): Promise<void> {
    await keepStory(this.stack, name, { workflowId: grantWorkflowId(grantIdOf(grant)), workflow: GRANT_WORKFLOW });
  }

  async close(): Promise<void> {
    await expectLedgerHolds(this.stack);
    await this.stack.stop();
    await this.issuer.close();
  }
}

/** As its owner sees it. */
export class GrantedAccount {
  private asked = 0;

  constructor(
    private readonly stack: TestStack,
    readonly id: string,
    readonly owner: OwnerClient,
  ) {}

  async ask(by: StaffClient, body: object, key = `ask-${(this.asked += 1)}`): Promise<Answer> {
    return by.call('POST', `/v1/staff/accounts/${this.id}/grants`, { body: { reason: 'For a test', ...body }, key });
  }

  async available(): Promise<unknown> {
    return (await this.owner.call('GET', '/v1/account/credits')).body['available'];
  }

  async list(path: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return (await this.owner.call('GET', path)).body['data'] as Readonly<Record<string, unknown>>[];
  }

  async lots(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return this.list('/v1/account/credits/lots?include_ended=true');
  }

  /** Of the ledger's outbox, in the order in which they happened. */
  async events(): Promise<readonly { readonly type: string; readonly payload: object }[]> {
    return this.stack.entities.manager.query(
      'SELECT type, payload FROM ledger.outbox WHERE account_id = $1 ORDER BY scope_seq',
      [this.id],
    );
  }
}
