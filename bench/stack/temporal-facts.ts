// Bench room, the stack. What the Temporal server of a bench was told, for the page of settings.
import type { StartedTemporal } from '@fairmeter/platform/embedded';

export const STICKY_NOTE = "cached workflows by the SDK's own default, the same for both";

export function dynamicSettingsInForce(kind: StartedTemporal['kind']): string {
  return kind === 'given'
    ? 'its request limits are not ours to set: they may be what is measured'
    : 'request limits raised out of the way, fairness on, one partition for the steps queue';
}
