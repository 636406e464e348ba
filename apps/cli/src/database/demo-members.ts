// Command line. Who of the local issuer's people is in the demo account. The others come as the API would meet them.
import type { DemoMembers } from '../stack/database-port.js';
import { openEntities } from './provision.js';

const DEMO_ACCOUNT = 'acc_demo';
const ROLES = ['owner', 'member'] as const;

/** Seeding again changes nothing, but that the issuer may have moved to another port. */
export async function seedMembers(writerUrl: string, { issuer, people }: DemoMembers): Promise<void> {
  const entities = await openEntities(writerUrl);
  try {
    await entities.transaction(async (tx) => {
      for (const role of ROLES) {
        const person = people.find(({ subject }) => subject === role);
        if (person === undefined) continue;
        const id = `usr_demo_${role}`;
        await tx.query(
          `INSERT INTO records.users (id, issuer, subject, email, name) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (id) DO UPDATE SET issuer = EXCLUDED.issuer`,
          [id, issuer, person.subject, person.email, person.name],
        );
        await tx.query(
          `INSERT INTO records.memberships (account_id, user_id, role) VALUES ($1, $2, $3)
           ON CONFLICT (account_id, user_id) DO NOTHING`,
          [DEMO_ACCOUNT, id, role],
        );
      }
    });
  } finally {
    await entities.close();
  }
}
