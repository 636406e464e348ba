// Platform room. The three database roles: who owns the tables, who writes for all tenants, who reads as one tenant.
// None may be a superuser or pass by row-level security, or every wall behind them is paint.
import pg from 'pg';

export const OWNER_ROLE = 'fm_owner';
export const WRITER_ROLE = 'fm_writer';
export const READER_ROLE = 'fm_reader';
export const ROLES = [OWNER_ROLE, WRITER_ROLE, READER_ROLE] as const;
export type RoleName = (typeof ROLES)[number];

export type RolePasswords = Readonly<Record<RoleName, string>>;

export interface RoleReport {
  readonly role: string;
  readonly exists: boolean;
  readonly superuser: boolean;
  readonly bypassesRowSecurity: boolean;
}

/** Creates the roles and the database, or brings them to what we expect. Needs a login that may create both. */
export async function provisionDatabase(options: {
  readonly adminUrl: string;
  readonly database: string;
  readonly passwords: RolePasswords;
}): Promise<void> {
  await withClient(options.adminUrl, async (admin) => {
    // Roles belong to the whole cluster: two set-ups of one server at once must not both create them.
    await admin.query('SELECT pg_advisory_lock($1)', [PROVISION_LOCK]);
    try {
      for (const role of ROLES) await provisionRole(admin, role, options.passwords[role]);
      await provisionEmptyDatabase(admin, options.database);
      await withClient(withDatabase(options.adminUrl, options.database), async (inside) => {
        await inside.query('REVOKE ALL ON SCHEMA public FROM PUBLIC');
        await inside.query(`GRANT CREATE ON DATABASE ${pg.escapeIdentifier(options.database)} TO ${OWNER_ROLE}`);
      });
    } finally {
      await admin.query('SELECT pg_advisory_unlock($1)', [PROVISION_LOCK]);
    }
  });
}

const PROVISION_LOCK = 7_105_001;

async function provisionRole(admin: pg.Client, role: RoleName, password: string): Promise<void> {
  const found = await admin.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  const verb = found.rowCount === 0 ? 'CREATE' : 'ALTER';
  const secret = pg.escapeLiteral(password);
  await admin.query(`${verb} ROLE ${role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB PASSWORD ${secret}`);
}

async function provisionEmptyDatabase(admin: pg.Client, database: string): Promise<void> {
  const found = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
  if (found.rowCount === 0) await admin.query(`CREATE DATABASE ${pg.escapeIdentifier(database)}`);
  // Also where somebody else made it, as a container image does: a new database lets everybody connect.
  await admin.query(`REVOKE ALL ON DATABASE ${pg.escapeIdentifier(database)} FROM PUBLIC`);
  await admin.query(`GRANT CONNECT ON DATABASE ${pg.escapeIdentifier(database)} TO ${ROLES.join(', ')}`);
}

export async function inspectRoles(url: string): Promise<RoleReport[]> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ rolname: string; rolsuper: boolean; rolbypassrls: boolean }>(
      'SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = ANY($1)',
      [ROLES],
    );
    return ROLES.map((role) => {
      const row = rows.find((candidate) => candidate.rolname === role);
      return {
        role,
        exists: row !== undefined,
        superuser: row?.rolsuper ?? false,
        bypassesRowSecurity: row?.rolbypassrls ?? false,
      };
    });
  });
}

/** Start-up refuses a connection that could walk through the walls. */
export async function refuseMightyRole(query: (sql: string) => Promise<unknown[]>): Promise<void> {
  const rows = (await query(
    'SELECT rolname, rolsuper OR rolbypassrls AS mighty FROM pg_roles WHERE rolname = current_user',
  )) as { rolname: string; mighty: boolean }[];
  const role = rows[0];
  if (role === undefined || role.mighty) {
    throw new Error(
      `database role ${role?.rolname ?? 'unknown'} is a superuser or bypasses row-level security: ` +
        `connect as ${WRITER_ROLE} or ${READER_ROLE}`,
    );
  }
}

export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.toString();
}

export function withLogin(url: string, user: string, password: string): string {
  const changed = new URL(url);
  changed.username = user;
  changed.password = encodeURIComponent(password);
  return changed.toString();
}

export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
