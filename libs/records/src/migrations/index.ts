// Records room. Its migrations, in order.
import type { MigrationClass } from '@fairmeter/platform/database';
import { Records1763700000002 } from './0001-records.js';

export const recordsMigrations: readonly MigrationClass[] = [Records1763700000002];
