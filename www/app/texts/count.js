/** "1 renewal", "2 renewals"; «1 продление», «2 продления», «5 продлений»: by the language's own rules. */

/** @param {string} language @returns {(value: number, forms: Record<string, string>) => string} `#` in a form is the number */
export function counter(language) {
  const rules = new Intl.PluralRules(language);
  const format = new Intl.NumberFormat(language);
  return (value, forms) => (forms[rules.select(value)] ?? forms.other).replace("#", format.format(value));
}
