// API room. What the module takes in of compensations by staff, and of the incidents and loops that they
// answer.
import { IncidentDesk } from '../incidents/incident-desk.js';
import { IncidentsController } from '../incidents/incidents.controller.js';
import { LoopDesk } from '../loops/loop-desk.js';
import { LoopsController } from '../loops/loops.controller.js';
import { CompensationDesk } from './compensation-desk.js';
import { CompensationReader } from './compensation-reader.js';
import { CompensationsController } from './compensations.controller.js';
import { CorrectionDesk } from './correction-desk.js';

export const COMPENSATION_CONTROLLERS = [CompensationsController, IncidentsController, LoopsController];

export const COMPENSATION_DESKS = [CompensationDesk, CompensationReader, CorrectionDesk, IncidentDesk, LoopDesk];
