// Test harness. The owner's own backend as the API sees it: a key of the account that sets up bots and keys.
import type { Answer } from './bot-client.js';
import { openAccountKey } from './people.js';
import type { TestStack } from './test-stack.js';

const ALL_SCOPES = ['submit', 'read', 'report', 'account', 'manage', 'visitors'] as const;

export interface OwnerCall {
  readonly body?: object;
  /** Of the request; a new one by default where the method makes something. */
  readonly key?: string;
}

export class OwnerClient {
  private calls = 0;

  constructor(
    private readonly stack: TestStack,
    readonly secret: string,
  ) {}

  static async open(stack: TestStack, accountId: string): Promise<OwnerClient> {
    return new OwnerClient(stack, await openAccountKey(stack, accountId, ALL_SCOPES));
  }

  async call(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, call: OwnerCall = {}): Promise<Answer> {
    this.calls += 1;
    const response = await fetch(`${this.stack.apiUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.secret}`,
        ...(method === 'POST' ? { 'idempotency-key': call.key ?? `call-${this.calls}` } : {}),
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    });
    const body = (await response.json()) as Record<string, unknown>;
    return { status: response.status, headers: response.headers, body };
  }
}
