/** Whether a page is HTML as the standard has it, by a validator of its own: https://html-validate.org. */
import { HtmlValidate } from "html-validate";

const validator = new HtmlValidate({
  root: true,
  extends: ["html-validate:standard"], // the standard and nobody's taste; what people need beyond it is axe's to say
});

/** What is wrong with a page, one line each. */
export async function faults(html: string): Promise<string[]> {
  const { results } = await validator.validateString(html);
  return results.flatMap((r) => r.messages.map((m) => `${m.ruleId}, line ${String(m.line)}: ${m.message}`));
}
