// API room. What serves staff who look into one account.
import { SteeredForOthers } from '../job-control/steered-for-others.js';
import { NamedAccounts } from './named-accounts.js';
import { StaffAccountsController } from './staff-accounts.controller.js';
import { StaffJobsController } from './staff-jobs.controller.js';

export const STAFF_ACCOUNT_CONTROLLERS = [StaffJobsController, StaffAccountsController];

export const STAFF_ACCOUNT_DESKS = [NamedAccounts, SteeredForOthers];
