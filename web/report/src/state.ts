// SPDX-License-Identifier: Apache-2.0
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Number_ } from './data';
import type { Lang } from './types';

export interface State {
  lang: Lang; scenario: number; dark: boolean;
  setScenario(scenario: number): void;
  /** Opens the explanation of a number. */
  explain(number: Number_): void;
}
export const StateContext = createContext<State>(null as unknown as State);
export const useReport = () => useContext(StateContext);
