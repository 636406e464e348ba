// Doctor: servers that run. Connects to them, changes nothing.
import { inspectRoles, type RoleReport } from '@fairmeter/platform/database';
import { inspectPostgres } from '@fairmeter/platform/embedded';
import {
  connectTemporal,
  describeMissing,
  missingForStack,
  probeTemporal,
  type TemporalAddress,
} from '@fairmeter/platform/temporal';
import { fine, missing, warning, type Finding } from './findings.js';

export async function examinePostgres(adminUrl: string): Promise<readonly Finding[]> {
  try {
    const [{ version, fsync }, roles] = await Promise.all([inspectPostgres(adminUrl), inspectRoles(adminUrl)]);
    return [
      postgresVersion(version),
      fsync === 'on' ? fine('fsync', 'on') : warning('fsync', `${fsync}: a power cut may lose committed credits`),
      ...roles.map(roleFinding),
    ];
  } catch (error) {
    return [missing('Postgres running', error instanceof Error ? error.message : String(error))];
  }
}

export async function examineTemporal(way: TemporalAddress, own: boolean): Promise<readonly Finding[]> {
  const { address, namespace } = way;
  try {
    const temporal = await connectTemporal(way);
    try {
      const capabilities = await probeTemporal(temporal.connection, { namespace, fairness: own ? 'on' : 'unknown' });
      const fatal = missingForStack(capabilities);
      const notes = describeMissing(capabilities).filter((one) => !fatal.includes(one));
      return [
        fine('Temporal running', `${capabilities.serverVersion} at ${address}, namespace ${namespace}`),
        ...fatal.map((one) => missing('Temporal running', one)),
        ...notes.map((one) => warning('Temporal running', one)),
      ];
    } finally {
      await temporal.close();
    }
  } catch (error) {
    return [missing('Temporal running', error instanceof Error ? error.message : String(error))];
  }
}

export async function examineApp(subject: string, url: string): Promise<Finding> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await answer.text();
    return answer.ok ? fine(subject, url) : missing(subject, `${url} answers ${answer.status}`);
  } catch (error) {
    return missing(subject, `${url}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export function roleFinding(role: RoleReport): Finding {
  const subject = `role ${role.role}`;
  if (!role.exists) return warning(subject, 'not there yet: the first whole start makes it');
  const flags = `${role.superuser ? 'SUPERUSER' : 'no superuser'}, ${
    role.bypassesRowSecurity ? 'BYPASSRLS' : 'no BYPASSRLS'
  }`;
  // Either flag walks through the walls between tenants.
  return role.superuser || role.bypassesRowSecurity ? missing(subject, flags) : fine(subject, flags);
}

function postgresVersion(version: string): Finding {
  const subject = 'Postgres running';
  return Number.parseInt(version, 10) >= 18 ? fine(subject, version) : missing(subject, `${version}, 18 is needed`);
}
