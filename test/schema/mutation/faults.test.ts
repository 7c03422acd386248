import { describe, expect, it } from 'vitest';
import { STATEMENT_ACT } from '../../../src/domain/input/choice.ts';
import type { TestDatabase } from '../../support/database.ts';
import type { ShownError } from '../../support/graphql.ts';
import type { TestService } from '../../support/service.ts';
import { type TestRecorder, useService } from '../../support/useService.ts';
import { record, statementInput } from '../../support/world.ts';

let test: TestDatabase;
let service: TestService;
let recorder: TestRecorder;

useService('world', (used) => {
  ({ test, service, recorder } = used);
});

const pathsOf = ({ extensions }: ShownError): string[] =>
  ((extensions?.faults ?? []) as { path: (string | number)[] }[]).map(({ path }) => path.join('.'));

const RECORD = `mutation ($input: [RecordStatementInput!]!) { recordStatements(input: $input) { position } }`;

describe('one refusal of an input', () => {
  it('names its wrong date and its unknown slugs together', async () => {
    const wrong = { said: '2025-13-45', speakers: ['anna', 'nobody'], topics: [{ topic: 'nothing' }] };
    const error = await recorder.refusal(RECORD, { input: [statementInput(), statementInput(wrong)] });
    expect(error.extensions?.code).toBe('INVALID_INPUT');
    expect(pathsOf(error)).toEqual(['input.1.said', 'input.1.speakers.1', 'input.1.topics.0.topic']);
  });

  it('does not call an entry of the list unknown that has faults itself', async () => {
    const first = statementInput({ slug: 'first-with-fault', text: '', said: '2025-07-01' });
    const second = statementInput({ links: [{ to: 'first-with-fault', kind: 'ECHOES' }] });
    const error = await recorder.refusal(RECORD, { input: [first, second] });
    expect(pathsOf(error), error.message).toEqual(['input.0.text']);
  });

  it('names faults of its form and unknown slugs of a revision together', async () => {
    await record(test.db, { slug: 'revised' });
    const error = await recorder.refusal(
      'mutation ($input: ReviseStatementInput!) { reviseStatement(input: $input) { position } }',
      { input: { id: 'revised', said: 'yesterday', source: 'no-source' } },
    );
    expect(pathsOf(error)).toEqual(['input.said', 'input.source']);
  });

  it('names a wrong date and an unknown slug of a saved entry together', async () => {
    const error = await recorder.refusal(
      'mutation ($input: SaveEventInput!) { saveEvent(input: $input) { position } }',
      {
        input: { slug: 'call', name: 'Call', kind: 'CALL', date: 'soon', participants: ['anna', 'nobody'] },
      },
    );
    expect(pathsOf(error)).toEqual(['input.date', 'input.participants.1']);
  });

  it('does not call an entry unknown that the same list saves with a fault', async () => {
    const error = await recorder.refusal(
      'mutation ($input: [SaveTopicInput!]!) { saveTopics(input: $input) { position } }',
      {
        input: [
          { slug: 'above', name: '' },
          { slug: 'below', name: 'Below', parent: 'above' },
        ],
      },
    );
    expect(pathsOf(error)).toEqual(['input.0.name']);
  });
});

describe('a wrong value of an enum', () => {
  const values = Object.keys(STATEMENT_ACT.meanings);

  it('is refused with all values, in a variable', async () => {
    const { errors } = await recorder.answer(RECORD, { input: [statementInput({ act: 'SAYS' })] });
    for (const value of values) expect(errors?.[0]?.message).toContain(value);
  });

  it('is refused with all values, in the document', async () => {
    const { errors } = await service.ask('{ statements(filter: { acts: [STATES] }) { totalCount } }', {});
    for (const value of values) expect(errors?.[0]?.message).toContain(value);
    expect(errors?.[0]?.message.match(/Did you mean/g)).toHaveLength(1);
  });
});
