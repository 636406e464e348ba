// API room. What the table of rights says of each operation, as the documents show it: who may ask, what a key must
// have been given for it, and by which credential each of them asks.
import type { OpenAPIObject } from '@nestjs/swagger';
import type { Role } from '../callers/caller.js';
import type { OperationId, Right } from '../callers/rights.js';
import { RIGHTS, rightOf } from '../callers/rights.js';

export const API_KEY = 'api_key';
export const VISITOR_TOKEN = 'visitor_token';
export const IDENTITY_TOKEN = 'identity_token';
export const SESSION = 'session';

/** By any of these. */
const CREDENTIALS: Readonly<Record<Role, readonly string[]>> = {
  bot_key: [API_KEY],
  account_key: [API_KEY],
  owner: [IDENTITY_TOKEN, SESSION],
  member: [IDENTITY_TOKEN, SESSION],
  visitor: [VISITOR_TOKEN],
  support: [IDENTITY_TOKEN, SESSION],
  admin: [IDENTITY_TOKEN, SESSION],
};

interface Documented {
  operationId?: string;
  description?: string;
}

/** Written into the document; what is open to everybody stays as it is. */
export function tellRights(document: OpenAPIObject): void {
  const operations = Object.values(document.paths).flatMap((item) => Object.values(item) as Documented[]);
  for (const operation of operations) {
    const { operationId = '', description } = operation;
    if (!isOperation(operationId)) continue;
    const right = rightOf(operationId);
    const said = `For ${right.roles.map((role) => saidOf(role, right)).join(', ')}.`;
    const credentials = [...new Set(right.roles.flatMap((role) => CREDENTIALS[role]))];
    Object.assign(operation, {
      description: description === undefined ? said : `${description}\n\n${said}`,
      security: credentials.map((name) => ({ [name]: [] })),
      'x-roles': [...right.roles],
      ...(right.scope === undefined ? {} : { 'x-key-scope': right.scope }),
    });
  }
}

function saidOf(role: Role, { scope }: Right): string {
  const isOfKey = CREDENTIALS[role].includes(API_KEY);
  return isOfKey && scope !== undefined ? `\`${role}\` with the scope \`${scope}\`` : `\`${role}\``;
}

function isOperation(operationId: string): operationId is OperationId {
  return Object.hasOwn(RIGHTS, operationId);
}
