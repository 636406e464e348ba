// API room. The named schemas of usage reviews, for the document.
import { informReviewBody, reopenReviewBody, reportReviewBody, reviewBody, reviewsBody } from './review-body.js';
import {
  approveReviewBody,
  askReviewBody,
  closeReviewBody,
  decideReviewBody,
  staffReviewBody,
  staffReviewsBody,
} from './staff-review-body.js';

export const REVIEW_SCHEMAS = {
  ReportReview: reportReviewBody,
  InformReview: informReviewBody,
  ReopenReview: reopenReviewBody,
  Review: reviewBody,
  Reviews: reviewsBody,
  AskInReview: askReviewBody,
  DecideReview: decideReviewBody,
  ApproveReview: approveReviewBody,
  CloseReview: closeReviewBody,
  StaffReview: staffReviewBody,
  StaffReviews: staffReviewsBody,
};
