// Test harness. Somebody of the platform's staff, by a token of the issuer that says which role.
import { newId } from '@fairmeter/platform/database';
import type { Answer } from './bot-client.js';
import type { TestIssuer } from './signed-in.js';
import type { TestStack } from './test-stack.js';

/** As the issuer of the tests names the roles. */
const CLAIMED = { support: 'helpdesk', admin: 'operator' } as const;

export interface StaffCall {
  readonly body?: object;
  /** Of the request; without one the header is left out. */
  readonly key?: string;
}

export class StaffClient {
  private constructor(
    private readonly apiUrl: () => string,
    private readonly token: string,
  ) {}

  static of(stack: TestStack, issuer: TestIssuer, role: keyof typeof CLAIMED): StaffClient {
    const token = issuer.token({ sub: `${role}-${newId('usr')}`, roles: [CLAIMED[role]] });
    return new StaffClient(() => stack.apiUrl, token);
  }

  async call(method: 'GET' | 'PATCH' | 'POST', path: string, { body, key }: StaffCall = {}): Promise<Answer> {
    const response = await fetch(`${this.apiUrl()}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] };
  }

  async userId(): Promise<string> {
    return String((await this.call('GET', '/v1/me')).body['user_id']);
  }
}
