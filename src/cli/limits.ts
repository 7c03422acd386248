import { LIMIT_NAMES, LIMIT_SETTINGS } from '../config/limits.ts';
import { CONNECTIONS_PER_CLIENT_SHARE } from '../db/cancellation.ts';
import { INPUT_MAX } from '../domain/input/input.ts';
import { BODY_INLINE_BYTES_MAX, BODY_VALUES_MAX } from '../http/body/json.ts';
import { PROBE_COST_PER_MINUTE } from '../http/cost/budget.ts';
import { QUERY_STRING_LENGTH_MAX } from '../http/graphql/route.ts';
import { ANSWER_BYTES_MAX, DELIVERED_BYTES_MAX } from '../http/limits/answer.ts';
import {
  DIRECTIVES_MAX,
  DOCUMENT_BYTES_MAX,
  INPUT_LIST_LENGTH_MAX,
  OPERATIONS_PER_DOCUMENT_MAX,
  VARIABLES_BYTES_MAX,
  VARIABLES_DEPTH_MAX,
} from '../http/limits/document.ts';
import { FIELDS_MAX, ROOT_FIELDS_MAX, SAME_FIELD_MAX } from '../http/limits/shape.ts';
import { CONNECTION_PARAMS_LENGTH_MAX, OPERATION_ID_LENGTH_MAX } from '../http/live/websocket/messages.ts';
import { CONNECTION_INIT_WAIT_MS, SUBSCRIPTIONS_PER_SOCKET_MAX } from '../http/live/websocket/protocol.ts';
import {
  ANSWERS_BYTES_MAX,
  MESSAGE_BYTES_MAX,
  MESSAGE_FRAGMENTS_MAX,
} from '../http/live/websocket/websocket.ts';
import {
  OPERATIONS_PER_CLIENT_SHARE,
  QUEUE_LENGTH_MAX,
  QUEUE_PER_CLIENT_SHARE,
  RUNNING_POINTS_MAX,
  RUNNING_POINTS_PER_CLIENT_MAX,
} from '../http/load/load.ts';
import { ANSWER_TEXT_BYTES_MAX, DELIVERED_TEXT_BYTES_MAX } from '../http/load/memory.ts';
import { PACE_SHARE } from '../http/load/turns.ts';
import { HEADERS_TIMEOUT_MS, KEEP_ALIVE_TIMEOUT_MS, REQUEST_TIMEOUT_MS } from '../http/server/server.ts';
import { READER_BUFFER_BYTES_MAX } from '../log/hub/hub.ts';
import { COMPARED_STATEMENTS_MAX } from '../read/loading/comparison.ts';
import { NAME_SEARCH_LENGTH_MAX, SEARCH_RESULTS_MAX, SEARCH_WORDS_MAX } from '../read/names.ts';
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX } from '../read/page.ts';
import { LIST_OFFSET_MAX, LIST_SIZE_DEFAULT } from '../read/slice.ts';
import {
  FILTER_CONDITIONS_MAX,
  FILTER_DEPTH_MAX,
  FILTER_LIST_MAX,
  SEARCH_LENGTH_MAX,
} from '../read/statements/filter.ts';
import { NODES_MAX } from '../schema/builder/node.ts';

type Row = readonly [name: string, value: number, unit: string, meaning: string];

/** Limits without a setting, under the names that they have in the code. */
const FIXED: readonly Row[] = [
  [
    'PROBE_COST_PER_MINUTE',
    PROBE_COST_PER_MINUTE,
    'points a minute',
    'Requests for `/health` and `/ready` of one address: 100 a second. They take nothing from COST_PER_MINUTE. Beyond it HTTP 429.',
  ],
  [
    'PAGE_SIZE_MAX',
    PAGE_SIZE_MAX,
    'items',
    `Page of a list. Default: ${PAGE_SIZE_DEFAULT}, or ${LIST_SIZE_DEFAULT} for lists with \`offset\` that are not of statements.`,
  ],
  ['LIST_OFFSET_MAX', LIST_OFFSET_MAX, 'items', '`offset` of a list.'],
  ['NODES_MAX', NODES_MAX, 'ids', 'Ids of one `nodes`.'],
  [
    'DOCUMENT_BYTES_MAX',
    DOCUMENT_BYTES_MAX,
    'bytes',
    'A document. Values belong into variables, which are not part of it.',
  ],
  ['FIELDS_MAX', FIELDS_MAX, 'fields', 'Fields of an operation, its fragments written out.'],
  ['ROOT_FIELDS_MAX', ROOT_FIELDS_MAX, 'fields', 'Fields right below the operation.'],
  [
    'SAME_FIELD_MAX',
    SAME_FIELD_MAX,
    'times',
    'How often one field of the answer is asked for, in fragments or not.',
  ],
  ['DIRECTIVES_MAX', DIRECTIVES_MAX, 'directives', 'Directives in a document.'],
  [
    'OPERATIONS_PER_DOCUMENT_MAX',
    OPERATIONS_PER_DOCUMENT_MAX,
    'operations',
    'Operations in a document; one of them is run.',
  ],
  ['Batch', 1, 'operation', 'Operations of one HTTP request: a list of them is refused.'],
  [
    'VARIABLES_BYTES_MAX',
    VARIABLES_BYTES_MAX,
    'bytes',
    'Variables of a request without a token. With a token, the limit of the body applies.',
  ],
  ['VARIABLES_DEPTH_MAX', VARIABLES_DEPTH_MAX, 'levels', 'Objects and lists in one another.'],
  [
    'INPUT_LIST_LENGTH_MAX',
    INPUT_LIST_LENGTH_MAX,
    'items',
    'Any list in an argument, such as the statements of `recordStatements`.',
  ],
  ['FILTER_LIST_MAX', FILTER_LIST_MAX, 'items', 'A list in a filter.'],
  ['FILTER_DEPTH_MAX', FILTER_DEPTH_MAX, 'levels', 'Filters in one another.'],
  [
    'FILTER_CONDITIONS_MAX',
    FILTER_CONDITIONS_MAX,
    'conditions',
    'Conditions of a filter, all levels together. Conditions that simplification removes or merges do not count.',
  ],
  ['SEARCH_LENGTH_MAX', SEARCH_LENGTH_MAX, 'characters', '`search` of a filter.'],
  [
    'NAME_SEARCH_LENGTH_MAX',
    NAME_SEARCH_LENGTH_MAX,
    'characters',
    `\`search\` for actors and topics, which finds at most ${SEARCH_RESULTS_MAX}.`,
  ],
  ['SEARCH_WORDS_MAX', SEARCH_WORDS_MAX, 'words', 'The same, in words.'],
  [
    'COMPARED_STATEMENTS_MAX',
    COMPARED_STATEMENTS_MAX,
    'statements',
    'Statements of an event that are compared; the newest count.',
  ],
  ['QUERY_STRING_LENGTH_MAX', QUERY_STRING_LENGTH_MAX, 'characters', 'Address of a GET. Beyond it HTTP 414.'],
  [
    'BODY_INLINE_BYTES_MAX',
    BODY_INLINE_BYTES_MAX,
    'bytes',
    'A body that the event loop parses. A larger one is parsed in a separate thread.',
  ],
  [
    'BODY_VALUES_MAX',
    BODY_VALUES_MAX,
    'values',
    'Texts, numbers, lists and objects in a body that is parsed in a thread.',
  ],
  [
    'ANSWER_TEXT_BYTES_MAX',
    ANSWER_TEXT_BYTES_MAX,
    'bytes',
    'Texts of sources (`Source.text`) in one answer.',
  ],
  [
    'DELIVERED_TEXT_BYTES_MAX',
    DELIVERED_TEXT_BYTES_MAX,
    'bytes',
    'The same in one delivery to a subscriber. Read longer texts with a query.',
  ],
  [
    'ANSWER_BYTES_MAX',
    ANSWER_BYTES_MAX,
    'bytes',
    'Answer to a query or mutation. It is measured before it is made, and refused instead.',
  ],
  [
    'DELIVERED_BYTES_MAX',
    DELIVERED_BYTES_MAX,
    'bytes',
    'A change delivered to a subscriber. Beyond it an error is delivered in its place.',
  ],
  ['HEADERS_TIMEOUT_MS', HEADERS_TIMEOUT_MS, 'ms', 'Until the headers of a request have arrived.'],
  [
    'REQUEST_TIMEOUT_MS',
    REQUEST_TIMEOUT_MS,
    'ms',
    'Until a request has arrived with its body. Beyond it HTTP 408.',
  ],
  [
    'KEEP_ALIVE_TIMEOUT_MS',
    KEEP_ALIVE_TIMEOUT_MS,
    'ms',
    'How long a connection is kept for another request.',
  ],
  [
    'QUEUE_LENGTH_MAX',
    QUEUE_LENGTH_MAX,
    'operations',
    'Operations that wait for their turn in one process. Beyond it HTTP 503 at once.',
  ],
  [
    'OPERATIONS_PER_CLIENT_SHARE',
    OPERATIONS_PER_CLIENT_SHARE,
    'of `OPERATIONS_MAX`',
    'Operations of one client that run at the same time in one process. Its other operations wait.',
  ],
  [
    'QUEUE_PER_CLIENT_SHARE',
    QUEUE_PER_CLIENT_SHARE,
    'of `QUEUE_LENGTH_MAX`',
    'Waiting operations of one client. Beyond it this client gets HTTP 503 at once.',
  ],
  [
    'RUNNING_POINTS_MAX',
    RUNNING_POINTS_MAX,
    'points',
    'Total cost of the operations that run at the same time in one process. Others wait.',
  ],
  [
    'RUNNING_POINTS_PER_CLIENT_MAX',
    RUNNING_POINTS_PER_CLIENT_MAX,
    'points',
    'The same for one client. An operation that costs more runs when its client has no other running.',
  ],
  [
    'CONNECTIONS_PER_CLIENT_SHARE',
    CONNECTIONS_PER_CLIENT_SHARE,
    'of the connections for operations',
    'Connections to PostgreSQL that one client holds in one process while others ask too. Its other SQL waits. A client that is alone leaves one connection free.',
  ],
  [
    'PACE_SHARE',
    PACE_SHARE,
    'of a processor',
    'Work that one client can begin in one process while others ask too. More work is delayed, or refused with HTTP 503 if it would wait longer than QUEUE_WAIT_MS.',
  ],
  [
    'CONNECTION_INIT_WAIT_MS',
    CONNECTION_INIT_WAIT_MS,
    'ms',
    'Time that a WebSocket has to send `connection_init`. Beyond it close code 4408.',
  ],
  ['MESSAGE_BYTES_MAX', MESSAGE_BYTES_MAX, 'bytes', 'A message over WebSocket. Beyond it close code 1009.'],
  [
    'MESSAGE_FRAGMENTS_MAX',
    MESSAGE_FRAGMENTS_MAX,
    'frames',
    'Frames that a message over WebSocket comes in. Beyond it close code 1008.',
  ],
  [
    'OPERATION_ID_LENGTH_MAX',
    OPERATION_ID_LENGTH_MAX,
    'characters',
    'Id of an operation over WebSocket. Beyond it close code 4400.',
  ],
  [
    'CONNECTION_PARAMS_LENGTH_MAX',
    CONNECTION_PARAMS_LENGTH_MAX,
    'characters',
    'The message `connection_init` with its parameters. Beyond it close code 4400.',
  ],
  [
    'SUBSCRIPTIONS_PER_SOCKET_MAX',
    SUBSCRIPTIONS_PER_SOCKET_MAX,
    'operations',
    'Operations that run on one WebSocket.',
  ],
  [
    'READER_BUFFER_BYTES_MAX',
    READER_BUFFER_BYTES_MAX,
    'bytes',
    'Changes that wait for a subscriber to read them. Beyond it SLOW_READER; it can resume.',
  ],
  [
    'ANSWERS_BYTES_MAX',
    ANSWERS_BYTES_MAX,
    'bytes',
    'Answers that wait for a WebSocket to read them. Beyond it the socket is ended.',
  ],
];

const FIXED_INPUT_LENGTHS = Object.entries(INPUT_MAX);

/** The tables of docs/limits.md, in Markdown: every limit, its default and its setting. */
export function renderLimitTable(): string {
  const settable = LIMIT_NAMES.map((name) => {
    const { default: value, unit, meaning, min, max } = LIMIT_SETTINGS[name];
    return [
      `\`${name}\``,
      `${grouped(value)} ${unit}`,
      `\`${name}\`, ${grouped(min)} to ${grouped(max)}`,
      meaning,
    ];
  });
  const fixed = FIXED.map(([name, value, unit, meaning]) => [
    name === 'Batch' ? name : `\`${name}\``,
    `${grouped(value)} ${unit}`,
    '–',
    meaning,
  ]);
  const inputs = FIXED_INPUT_LENGTHS.map(([name, value]) => [`\`${name}\``, grouped(value)]);
  return [
    table(['Limit', 'Default', 'Setting', 'What it bounds'], [...settable, ...fixed]),
    'Input of mutations, in characters of a text or items of a list:',
    table(['Input', 'At most'], inputs),
  ].join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** 50000 as 50,000. */
function grouped(value: number): string {
  return value.toLocaleString('en-US');
}
