// API room. Staff write down incidents, and later their ends. Loops found from then on are judged by them.
import { instantToText } from '@fairmeter/domain';
import type { ApiConfig, Clock } from '@fairmeter/platform';
import type { EntityManager } from '@fairmeter/platform/database';
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import type { AuditedState, StaffIncident } from '@fairmeter/records';
import {
  changeIncident,
  findIncident,
  findIncidentByKey,
  listIncidents,
  OF_NO_ACCOUNT,
  saveNewIncident,
  staffSubject,
  writeAudit,
} from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { StaffCaller } from '../callers/caller.js';
import { actorOf, inNoAccount } from '../callers/caller.js';
import { hashOfAsked } from '../changes/asked-hash.js';
import type { AskedByStaff } from '../grants/grant-desk.js';
import { keyHash } from '../jobs/admission-hashes.js';
import { ProblemError, validationFailed } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { againstTwins } from '../requests/against-twins.js';
import type { PageOf } from '../requests/newest-first.js';
import { newestFirst } from '../requests/newest-first.js';
import type { pageQuery } from '../requests/page.js';
import { API_CLOCK, API_CONFIG } from '../tokens.js';
import { hiddenOf } from '../visitors/hidden.js';
import type { ChangeIncident, NewIncident } from './incident-body.js';

const INCIDENTS = 'incidents';

@Injectable()
export class IncidentDesk {
  constructor(
    private readonly database: TenantDatabase,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  /** The same key and body again find the incident as it is now. */
  async add(asked: AskedByStaff, idempotencyKey: Uint8Array, body: NewIncident): Promise<StaffIncident> {
    const { staff } = asked;
    if (body.from > this.clock.now()) throw validationFailed([{ pointer: '/from', message: 'must not be ahead' }]);
    const key = keyHash({ accountId: OF_NO_ACCOUNT, botId: INCIDENTS }, idempotencyKey, staffSubject(staff.userId));
    const bodyHash = hiddenOf(this.config, 'request', hashOfAsked(body));
    return this.inTenant(staff, async (tx) => {
      const before = await findIncidentByKey(tx, key);
      if (before !== null && before.bodyHash !== bodyHash) throw refusalProblem({ code: 'idempotency_mismatch' }, 0);
      if (before !== null) return before;
      const incident = { ...body, id: newId('inc'), keyHash: key, bodyHash };
      await saveNewIncident(tx, incident);
      await note(tx, asked, { action: 'incident.added', id: incident.id, before: null, after: this.stateOf(incident) });
      return incident;
    });
  }

  async change(asked: AskedByStaff, id: string, body: ChangeIncident): Promise<StaffIncident> {
    return this.inTenant(asked.staff, async (tx) => {
      const before = await findIncident(tx, id);
      if (before === null) throw noSuchIncident();
      const { until = before.until, description = before.description } = body;
      if (until !== null && until <= before.from) {
        throw validationFailed([{ pointer: '/until', message: 'must be after from' }]);
      }
      const after = { ...before, until, description };
      await changeIncident(tx, after);
      const changed = { before: this.stateOf(before), after: this.stateOf(after) };
      await note(tx, asked, { action: 'incident.changed', id, ...changed });
      return after;
    });
  }

  async find(staff: StaffCaller, id: string): Promise<StaffIncident> {
    const incident = await this.inTenant(staff, async (tx) => findIncident(tx, id));
    if (incident === null) throw noSuchIncident();
    return incident;
  }

  async page(staff: StaffCaller, query: z.output<typeof pageQuery>): Promise<PageOf<StaffIncident>> {
    return newestFirst(INCIDENTS, query, async (page) => this.inTenant(staff, async (tx) => listIncidents(tx, page)));
  }

  /** What it is described by may be put right later, and then the line says that it was. */
  private stateOf({ from, until, scope, name, description }: StaffIncident): AuditedState {
    const times = { from: instantToText(from), until: until === null ? null : instantToText(until) };
    return { ...times, scope, name, description_hash: hiddenOf(this.config, 'description', description) };
  }

  private async inTenant<T>(staff: StaffCaller, work: (tx: EntityManager) => Promise<T>): Promise<T> {
    return againstTwins(async () => this.database.asTenant(inNoAccount(staff), work));
  }
}

interface Line {
  readonly action: string;
  readonly id: string;
  readonly before: AuditedState | null;
  readonly after: AuditedState;
}

/** Its words are what it is described by: nobody gives a reason for what they saw. */
async function note(tx: EntityManager, { staff, requestId }: AskedByStaff, { id, ...line }: Line): Promise<void> {
  await writeAudit(tx, { ...line, accountId: OF_NO_ACCOUNT, actor: actorOf(staff), targetId: id, requestId });
}

function noSuchIncident(): ProblemError {
  return new ProblemError('incident_not_found', 'There is no such incident.');
}
