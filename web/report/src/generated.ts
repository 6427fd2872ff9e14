// SPDX-License-Identifier: Apache-2.0
// Texts that the engine writes in English only, in Chinese: whole sentences of a known form. What has another form
// stays as it is; formulas and names are the same in both languages.
import type { Lang } from './types';

const forms: [RegExp, string][] = [
  [/^sum over (\d+) labels$/, '对$1个标签求和'],
  [/^(\d+) more$/, '其余$1项'],
  [/^the other (.+)$/, '其余$1'],
  [/^given$/, '给定'],
  [/^given in the model$/, '模型中给定'],
  [/^given by the scenario$/, '情景给定'],
  [/^found so that (.+)$/, '求解得出，使 $1'],
  [/^interpolated \((\w+)\) between (.+) and (.+)$/, '在$2与$3之间内插（$1）'],
  [/^extrapolated \((\w+)\) from (.+)$/, '由$2外推（$1）'],
  [/^missing: (.+)$/, '缺失值取$1'],
  [/^absent$/, '缺失'],
  [/^does not exist( here)?$/, '不存在'],
  [/^the year before plus the net addition$/, '上一年加净增量'],
  [/^what is declared to enter$/, '声明的流入'],
  [/^what is declared to have entered(.*)$/, '声明的此前流入$1'],
  [/^what leaves of each year's inflow, lifetime (.+)$/, '各年流入中退出的部分，寿命 $1'],
  [/^what is left of each year's inflow, lifetime (.+)$/, '各年流入中留存的部分，寿命 $1'],
  [/^solved from the balances and relations$/, '由平衡与关系式求解'],
  [/^each year of entry's age, weighed by its amount$/, '各进入年份的年龄按数量加权'],
  [/^this year of entry's part$/, '该进入年份的部分'],
];
export function generated(text: string, lang: Lang): string {
  if (lang !== 'zh') return text;
  for (const [form, chinese] of forms)
    if (form.test(text)) return text.replace(form, chinese).replace(/（(\w+)）/, (_, rule: string) => `（${fillingName(rule, lang)}）`);
  return text;
}

const families: Record<string, string> = {
  fixed: '固定', simultaneous: '同时退出', exponential: '指数', shape: '形状参数', scale: '尺度参数', median: '中位数', logistic: '逻辑斯谛', gompertz: '冈珀茨', mixture: '混合',
  normal: '正态', lognormal: '对数正态', uniform: '均匀', triangular: '三角', beta: '贝塔', gamma: '伽马', weibull: '韦布尔', pert: 'PERT', trapezoidal: '梯形', discrete: '离散', low: '下限', high: '上限', mode: '众数', mean: '均值', sd: '标准差', cv: '变异系数',
};
/** "normal (cv 5 %)" as "正态（变异系数5 %）". */
export function distribution(text: string, lang: Lang): string {
  return lang !== 'zh' ? text : text.replace(/[a-z_]+/g, (name) => families[name] ?? name).replace(' (', '（').replace(/\)$/, '）').replace(/([\u4e00-\u9fff]) (?=[\d.])/g, '$1');
}

const fillings: Record<string, string> = { linear: '线性', geometric: '几何', step: '阶梯', hold: '保持不变', trend: '按趋势', zero: '取零' };
/** How gaps are filled: "linear". */
export const fillingName = (rule: string, lang: Lang) => (lang === 'zh' ? fillings[rule] ?? rule : rule);

/** What a warning is about; its own sentence follows in English. */
const warnings: Record<string, string> = {
  'ages-unknown': '存量中各年龄的构成未知', 'bad-correlation': '相关系数矩阵已调整', 'idle-process': '过程没有流', 'no-column': '表中缺少一列',
  'not-connected': '过程未与其他过程相连', 'odd-lifetime': '寿命取值异常', 'relation-off': '关系式未满足', 'same-name': '名称重复',
  'shares-off': '份额之和不为一', 'solve-not-settled': '求解未收敛', 'unknown-column': '表中有未知的列', 'unknown-name': '未知名称',
  'unknown-option': '未知选项', unused: '未被使用',
};
export const warningTitle = (code: string, lang: Lang) => (lang === 'zh' ? warnings[code] ?? '' : '');

const keys: Record<string, string> = {
  engine: '引擎', case: '案例', model_and_data_hash: '模型与数据摘要', scenario: '情景', substance: '物质', draws: '抽样次数', design: '抽样设计', seed: '随机种子',
  time: '时间', computed: '计算', flows: '条流', stocks: '个存量', quantities: '个派生量', parameters: '个参数', values: '个数值',
};
export const manifestKey = (key: string, lang: Lang) => (lang === 'zh' ? keys[key] ?? key : key).replace(/_/g, ' ');
