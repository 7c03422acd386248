import type { Browser, Locator, Page, Response } from 'playwright-core';
import { expect } from 'vitest';
import { openPage, type WatchedPage } from './webBrowser.ts';

export interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: { extensions: { code?: string } }[];
}

/** GraphiQL, driven by what people see of it. */
export class GraphiqlPage {
  readonly watched: WatchedPage;
  readonly page: Page;
  readonly #origin: string;

  private constructor(watched: WatchedPage, origin: string) {
    this.watched = watched;
    this.page = watched.page;
    this.#origin = origin;
  }

  static async with(browser: Browser, origin: string): Promise<GraphiqlPage> {
    return new GraphiqlPage(await openPage(browser, origin), origin);
  }

  async open(address = '/graphql'): Promise<void> {
    await this.page.goto(address);
    await this.ready();
  }

  async ready(): Promise<void> {
    await this.page.getByRole('button', { name: 'Execute query' }).waitFor();
  }

  /**
   * Chooses a tab, and waits until GraphiQL has read the operations in it: for a fraction of a second it
   * still runs by the names of the former tab. What it keeps of its tabs is written after that.
   */
  async choose(tab: string): Promise<void> {
    await this.page.getByRole('button', { name: tab, exact: true }).click();
    await this.selected(tab).waitFor();
    await expect.poll(async () => (await this.keptTab())?.title).toBe(tab);
  }

  /** The chosen tab as GraphiQL keeps it over a reload. */
  async keptTab(): Promise<
    { title: string; query: string; variables: string | null; headers: string | null } | undefined
  > {
    const kept = await this.page.evaluate<string | null>('localStorage.getItem("readout:graphiql:tabState")');
    if (!kept) return undefined;
    const { tabs, activeTabIndex } = JSON.parse(kept);
    return tabs[activeTabIndex];
  }

  selected(tab: string): Locator {
    return this.page.getByRole('tab', { name: tab, selected: true });
  }

  async tabNames(): Promise<string[]> {
    return this.page.getByRole('tab').allInnerTexts();
  }

  /** Runs the tab, or the operation of this name in it, and gives back what the service answers. */
  async run(operation?: string): Promise<Answer> {
    return (await (await this.#press(operation)).json()) as Answer;
  }

  /** Runs the tab's subscription until it stands. */
  async startStream(operation?: string): Promise<void> {
    const response = await this.#press(operation);
    expect(response.headers()['content-type']).toContain('text/event-stream');
    await this.page.getByRole('button', { name: 'Stop query' }).waitFor();
  }

  async #press(operation: string | undefined): Promise<Response> {
    const [answered] = await Promise.all([
      this.page.waitForResponse((response) => response.url() === `${this.#origin}/graphql`),
      this.#execute(operation),
    ]);
    return answered;
  }

  async #execute(operation: string | undefined): Promise<void> {
    await this.page.getByRole('button', { name: 'Execute query' }).click();
    if (operation) await this.page.getByRole('menuitem', { name: operation, exact: true }).click();
  }

  /** The pane of answers, where it has these words in view. */
  answer(words: string): Locator {
    const parts = words.split(/\s+/).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return this.page.locator('.result-window', { hasText: new RegExp(parts.join('\\s+')) });
  }

  /** The text in view of an editor. */
  async shown(editor: 'Operation Editor' | 'Variables'): Promise<string> {
    return (await this.#lines(editor).innerText()).replaceAll('\u00a0', ' ');
  }

  /** Pastes them, since what is typed gets brackets of the editor's own. */
  async fillVariables(variables: object): Promise<void> {
    const text = JSON.stringify(variables, null, 2);
    await this.watched.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await this.page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
    await this.#lines('Variables').click();
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.press('Control+V');
    await expect.poll(async () => JSON.parse(await this.shown('Variables'))).toEqual(variables);
  }

  /** Chooses a tab, and says what its headers send as authorization. */
  async authorizationIn(tab: string): Promise<unknown> {
    await this.choose(tab);
    const { headers } = (await this.keptTab()) ?? {};
    return (JSON.parse(headers || '{}') as { Authorization?: unknown }).Authorization;
  }

  #lines(editor: string): Locator {
    return this.page.locator(`section[aria-label="${editor}"] .view-lines`).first();
  }
}
