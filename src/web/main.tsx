import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Provider } from 'urql';
import { App } from './App.tsx';
import { client } from './graphql/client.ts';
import './style/tokens.css';
import './style/page.css';
import './live/live.css';
import './style/parts.css';
import './cards/statement.css';
import './feed/filters/filters.css';
import './style/print.css';

const page = document.getElementById('page');
if (!page) throw new Error('index.html has no element #page');

createRoot(page).render(
  <StrictMode>
    <Provider value={client}>
      <App />
    </Provider>
  </StrictMode>,
);
