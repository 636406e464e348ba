// API room. Can this process serve right now? Each part is asked, each within its time, and the answer names the parts.
import type { ApiConfig } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import { lastWorkerSeen } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import { AdmissionClient } from '../jobs/admission-client.js';
import { API_CONFIG } from '../tokens.js';

export const PARTS = ['postgres', 'temporal', 'worker'] as const;
export type Part = (typeof PARTS)[number];
export type Readiness = Readonly<Record<Part, 'ok' | 'missing'>>;

const ANSWERS_WITHIN_MS = 1_000;

@Injectable()
export class ReadinessCheck {
  constructor(
    private readonly database: TenantDatabase,
    private readonly temporal: AdmissionClient,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
  ) {}

  async now(): Promise<Readiness> {
    const [postgres, temporal, worker] = await Promise.all([
      within(async () => this.database.ping()),
      within(async () => this.temporal.probe()),
      within(async () => this.workerWasSeen()),
    ]);
    return { postgres, temporal, worker };
  }

  private async workerWasSeen(): Promise<void> {
    const seen = await this.database.beforeTenant(async (tx) => lastWorkerSeen(tx));
    if (seen === null || seen.agoMs > this.config.workerSeenWithinMs) throw new Error('no worker was seen recently');
  }
}

async function within(look: () => Promise<unknown>): Promise<'ok' | 'missing'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'missing'>((resolve) => {
    timer = setTimeout(resolve, ANSWERS_WITHIN_MS, 'missing');
  });
  const looked = look().then(
    () => 'ok' as const,
    () => 'missing' as const,
  );
  try {
    return await Promise.race([looked, late]);
  } finally {
    clearTimeout(timer);
  }
}
