// API room. What the module takes in of usage reviews: by form, by mail, and at the desk of the staff.
import { InboundMailController } from '../inbound/inbound-mail.controller.js';
import { InboundMailDesk } from '../inbound/inbound-mail.js';
import { ReviewAnswers } from './review-answers.js';
import { ReviewDesk } from './review-desk.js';
import { ReviewTalk } from './review-talk.js';
import { ReviewsController } from './reviews.controller.js';
import { StaffReviewDesk } from './staff-review-desk.js';
import { StaffReviewsController } from './staff-reviews.controller.js';

export const REVIEW_CONTROLLERS = [ReviewsController, StaffReviewsController, InboundMailController];

export const REVIEW_DESKS = [InboundMailDesk, ReviewAnswers, ReviewDesk, ReviewTalk, StaffReviewDesk];
