// Goal: a prompt of several big projects is told so, and one project of many parts is not. Method: prompts as people
// write them, in English and German, each with the answer a reader would give.
import { describe, expect, it } from '@jest/globals';
import { asksForSeveralProjects } from './several-projects.js';

const SEVERAL = [
  'Build a todo app. Then build a chess game.',
  'Please create an online shop for shoes and also create a Telegram bot that posts the news.',
  '1. Create a blog\n2. Write a mobile game\n3. Develop a CRM for my team',
  'I want you to build a booking platform. Also, please write a browser extension for price alerts.',
  'Build me two separate apps: one for drivers and one for guests.',
  'I need three big websites by Monday.',
  'Project 1: a web shop for tea.\nProject 2: a tower defence game.',
  '## Project A - inventory\nKeeps stock.\n\n## Project B - payroll\nPays people.',
  'Create a recipe website and a mobile game.',
  'Erstelle einen Blog. Baue dann ein Spiel mit Punkten.',
  'Bitte entwickle eine Buchungsplattform. Erstelle auch eine Webseite für meinen Verein.',
];

const ONE = [
  'Build a todo app with a REST API, a dashboard and a login page.',
  'Build an app that lets users write posts and create a blog.',
  'Create a shop. It should have a blog, a search and a chat. Create the admin pages too.',
  'Write a word counter. Write tests for it.',
  'Build a website. Build the backend API for it and then write its database schema.',
  'Create a plugin system for my app and write a loader for plugins.',
  'Fix the failing test in src/shop.ts and src/game.ts, then explain what went wrong.',
  'Refactor this function so that two apps can share it.',
  'Translate this page: "Build a shop. Create a game. Write a blog."',
  'What does this do?\n```\n// Build a shop\n// Create a game\n```',
  '> Build a shop.\n> Create a game.\n\nExplain why this is too vague.',
  'Create a game. The game must be a game for children.',
  'Erstelle eine Anwendung mit einem Blog, einem Shop und einem Forum.',
  'Create a settings page and create a profile page.',
  '',
];

describe('the hint to split several projects', () => {
  it.each(SEVERAL)('[A13] is given for: %s', (prompt) => {
    expect(asksForSeveralProjects(prompt)).toBe(true);
  });

  it.each(ONE)('[A13] is not given for one project, however many parts it has: %s', (prompt) => {
    expect(asksForSeveralProjects(prompt)).toBe(false);
  });

  it('reads a long prompt in time that grows with it', () => {
    const times = [20_000, 200_000].map((length) => {
      const prompt = 'please create a very nice '.repeat(length / 26);
      const started = performance.now();
      asksForSeveralProjects(prompt);
      return performance.now() - started;
    });
    expect(Math.max(...times)).toBeLessThan(2_000);
  });
});
