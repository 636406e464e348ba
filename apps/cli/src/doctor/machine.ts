// Doctor: what this machine has to offer. Starts no server; asks programs for their versions.
import { execFileSync } from 'node:child_process';
import {
  findPostgresBinaries,
  NoPostgresBinariesError,
  requiredGo,
  surveySources,
  temporalServerVersion,
  type SourceSurvey,
} from '@fairmeter/platform/embedded';
import type { Settings } from '../settings.js';
import { fine, missing, timeZoneFinding, warning, type Finding } from './findings.js';

export function examineMachine(settings: Settings): readonly Finding[] {
  const survey = surveySources({
    address: settings.servers.temporalAddress,
    cacheRoot: settings.servers.cacheRoot,
    searchPath: settings.env['PATH'] ?? '',
  });
  return [
    fine('Node', `${process.versions.node} on ${process.platform}-${process.arch}`),
    npmFinding(),
    timeZoneFinding(process.versions['tz'], new Date()),
    postgresFinding(settings),
    ...temporalFindings(settings, survey),
  ];
}

function npmFinding(): Finding {
  const version = versionOf('npm', ['--version']);
  return version === undefined ? warning('npm', 'not on PATH') : fine('npm', version);
}

function postgresFinding(settings: Settings): Finding {
  if (settings.servers.databaseUrl !== undefined) return fine('Postgres', 'the server of DATABASE_URL is used');
  try {
    const { postgres, packageVersion } = findPostgresBinaries();
    const version = versionOf(postgres, ['--version']);
    return version === undefined
      ? missing('Postgres', `${postgres} cannot be run`)
      : fine('Postgres', `embedded, ${version} (npm package ${packageVersion})`);
  } catch (error) {
    if (error instanceof NoPostgresBinariesError) return missing('Postgres', error.message);
    throw error;
  }
}

function temporalFindings(settings: Settings, survey: SourceSurvey): readonly Finding[] {
  const go = survey.go;
  const goText =
    go === undefined ? 'not on PATH' : `${go.version}${go.recentEnough ? '' : `, older than ${requiredGo}`}`;
  return [
    fine('Go', goText),
    fine('temporal program', survey.temporal?.version ?? 'not on PATH'),
    sourceFinding(settings, survey),
  ];
}

function sourceFinding(settings: Settings, survey: SourceSurvey): Finding {
  const subject = 'Temporal server';
  if (survey.address !== undefined) return fine(subject, `TEMPORAL_ADDRESS ${survey.address} is used`);
  if (survey.cached !== undefined) {
    return fine(subject, `${temporalServerVersion} from the cache, ${survey.cached.server}`);
  }
  if (survey.go?.recentEnough === true) {
    return fine(
      subject,
      `${temporalServerVersion} is built with Go at the first start, into ${settings.servers.cacheRoot}`,
    );
  }
  if (survey.temporal !== undefined) return fine(subject, 'dev server of the temporal program');
  return warning(
    subject,
    "only the SDK's own download is left; it needs access to temporal.download at the first start",
  );
}

function versionOf(program: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(program, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 20_000,
    }).trim();
  } catch {
    return undefined;
  }
}
