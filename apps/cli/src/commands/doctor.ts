// Command line: `doctor`, what is there and what is missing. Promises to start nothing and change nothing.
import { readMemory, readRunning, stateFolder, whoRuns, type StateFolder } from '@fairmeter/platform/embedded';
import { exitCodeOf, fine, renderFindings, type Finding } from '../doctor/findings.js';
import { examineMachine } from '../doctor/machine.js';
import { examineApp, examinePostgres, examineTemporal } from '../doctor/servers.js';
import { temporalSecurityFor, type Settings } from '../settings.js';
import { readFlags, type Command } from './command.js';

export const doctor: Command = async ({ settings, terminal, args }) => {
  readFlags(args, []);
  const folder = stateFolder(settings.stateRoot, 'dev');
  const findings = [...examineMachine(settings), ...stateFindings(folder), ...(await examineServers(settings, folder))];
  for (const line of renderFindings(findings)) terminal.line(line);
  return exitCodeOf(findings);
};

function stateFindings(folder: StateFolder): readonly Finding[] {
  const { ports, historyShards, postgresHome } = readMemory(folder);
  const holder = whoRuns(folder);
  const list = Object.entries(ports ?? {}).map(([name, port]) => `${name} ${port}`);
  return [
    fine('state', `${folder.path}${postgresHome === undefined ? '' : `, Postgres in ${postgresHome}`}`),
    fine('stack', holder === undefined ? 'not running' : `${holder.purpose}, process ${holder.pid}`),
    fine('ports', list.length === 0 ? 'chosen at the first start' : list.join(', ')),
    ...(historyShards === undefined ? [] : [fine('history shards', String(historyShards))]),
  ];
}

async function examineServers(settings: Settings, folder: StateFolder): Promise<readonly Finding[]> {
  const { databaseUrl, temporalAddress, namespace } = settings.servers;
  const running = whoRuns(folder) === undefined ? undefined : readRunning(folder);
  const adminUrl = running?.adminUrl ?? databaseUrl;
  const address = running?.temporalAddress ?? temporalAddress;
  const own = running !== undefined && running.temporalAddress !== temporalAddress;
  const way =
    address === undefined
      ? undefined
      : { address, namespace: running?.namespace ?? namespace, ...temporalSecurityFor(settings, address) };
  return [
    ...(adminUrl === undefined ? [] : await examinePostgres(adminUrl)),
    ...(way === undefined ? [] : await examineTemporal(way, own)),
    ...(running?.apiUrl === undefined ? [] : [await examineApp('API and worker', `${running.apiUrl}/health/ready`)]),
  ];
}
