// API room. Incidents as staff write them down: when something was failing, and where.
import { INCIDENT_SCOPES, instantToText } from '@fairmeter/domain';
import type { StaffIncident } from '@fairmeter/records';
import { z } from 'zod';
import { instantText } from '../jobs/job-body.js';
import { pastInstantField } from '../requests/fields.js';
import { freeText, nameText } from '../requests/texts.js';

const MAX_DESCRIPTION_CHARACTERS = 2_000;
const MAX_NAME_CHARACTERS = 200;

const until = pastInstantField.nullable().describe('The first instant at which it was over; null while it lasts.');
const description = freeText(MAX_DESCRIPTION_CHARACTERS).describe('What failed, for whoever reads a case later.');

export const newIncidentBody = z
  .strictObject({
    from: pastInstantField,
    until: until.default(null),
    scope: z.enum(INCIDENT_SCOPES),
    name: nameText(MAX_NAME_CHARACTERS)
      .nullable()
      .default(null)
      .describe('Of the provider, model, region or tool, as steps and attempts name it; null of `all`.'),
    description,
  })
  .refine(({ scope, name }) => (scope === 'all') === (name === null), {
    path: ['name'],
    message: 'must be given, but for the scope all',
  })
  .refine((asked) => asked.until === null || asked.until > asked.from, {
    path: ['until'],
    message: 'must be after from',
  });
export type NewIncident = z.output<typeof newIncidentBody>;

export const changeIncidentBody = z
  .strictObject({ until: until.optional(), description: description.optional() })
  .refine((asked) => Object.keys(asked).length > 0, 'must change something');
export type ChangeIncident = z.output<typeof changeIncidentBody>;

export const incidentBody = z.object({
  id: z.string(),
  from: instantText,
  until: instantText.nullable(),
  scope: z.enum(INCIDENT_SCOPES),
  name: z.string().nullable(),
  description: z.string(),
});
export type IncidentBody = z.output<typeof incidentBody>;

export const incidentsBody = z.object({
  data: z.array(incidentBody).describe('The last that was written down comes first.'),
  next_cursor: z.string().nullable(),
});
export type IncidentsBody = z.output<typeof incidentsBody>;

export function toIncidentBody(incident: StaffIncident): IncidentBody {
  const { id, from, until: end, scope, name, description: words } = incident;
  return {
    id,
    from: instantToText(from),
    until: end === null ? null : instantToText(end),
    scope,
    name,
    description: words,
  };
}
