/**
 * Small line drawings of our own for everything that can be picked: paths on a square of 24, drawn with a pen of 1.8. A code
 * has one drawing, or one with a second, smaller one at its corner, so that no two in one question look alike.
 */

const ROUND = "M12 3a9 9 0 1 1 0 18a9 9 0 0 1 0-18";

const THINGS = {
  alone: "M12 10a2.500 2.500 0 1 1 0 .01M8 20v-2a4 4 0 0 1 8 0v2M3 3h18v18H3z",
  away: "M4 12h14M13 7l5 5l-5 5",
  angry: `${ROUND}M7.500 8.500l3 1.500M16.500 8.500l-3 1.500M8 16.500c2-3 6-3 8 0`,
  arrows: "M4 8h13M14 4l4 4l-4 4M20 16H7M10 12l-4 4l4 4",
  back: "M9 6l-5 5l5 5M4 11h11a5 5 0 0 1 0 10h-3",
  bars: "M4 4h16v16H4zM9 4v16M15 4v16",
  bed: "M3 6v14M3 16h18v4M21 16v-3a3 3 0 0 0-3-3h-8v6M6.500 11.500a1.500 1.500 0 1 1 0 .01",
  body: "M12 3a2 2 0 1 1 0 4a2 2 0 0 1 0-4M12 7v8M6 10h12M12 15l-4 6M12 15l4 6",
  bolt: "M13 2L5 14h6l-1 8l8-12h-6z",
  book: "M4 5c3-1 6-1 8 1c2-2 5-2 8-1v14c-3-1-6-1-8 1c-2-2-5-2-8-1zM12 6v14",
  bus: "M4 5h16v12H4zM4 11h16M7 17v3M17 17v3M7.500 14v.01M16.500 14v.01",
  cake: "M4 20v-7h16v7zM8 13V9M12 13V9M16 13V9M8 6v.01M12 6v.01M16 6v.01",
  calendar: "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4",
  camera: "M4 8h4l2-3h4l2 3h4v11H4zM12 10.500a3 3 0 1 1 0 6a3 3 0 0 1 0-6",
  case: "M3 8h18v11H3zM9 8V5h6v3M3 13h18",
  chain: "M9 15l-2 2a3.500 3.500 0 0 1-5-5l3-3M15 9l2-2a3.500 3.500 0 0 1 5 5l-3 3M8 3v3M4 7h3M16 21v-3M20 17h-3",
  clock: `${ROUND}M12 7v5l4 2`,
  coin: `${ROUND}M15 8.500c-2-1.500-6-1-6 1.200c0 3 6 1.500 6 4.500c0 2.300-4 2.800-6 1.200M12 6v12`,
  cross: "M5 5l14 14M19 5L5 19",
  cry: `${ROUND}M8.500 9.500v4M15.500 9.500v4M8 17.500c2-2 6-2 8 0`,
  door: "M6 21V3h12v18M3 21h18M14.500 12v.01",
  dots: "M5 12h.01M12 12h.01M19 12h.01",
  drop: "M12 3c4 5 6 8 6 11a6 6 0 0 1-12 0c0-3 2-6 6-11",
  ear: "M7 9a5 5 0 0 1 10 0c0 4-3.500 4.500-3.500 8a3 3 0 0 1-5.500 1.500M10 9.500a2 2 0 0 1 4 0",
  envelope: "M3 6h18v12H3zM3 6l9 7l9-7",
  eye: "M2 12c3-5 6.500-7 10-7s7 2 10 7c-3 5-6.500 7-10 7s-7-2-10-7M12 9a3 3 0 1 1 0 6a3 3 0 0 1 0-6",
  food: "M5 3v7a2 2 0 0 0 4 0V3M7 12v9M17 3c-2 0-3 3-3 6s1 3 3 3V3M17 12v9",
  gender: "M10 10a5 5 0 1 1 0 10a5 5 0 0 1 0-10M13.500 11.500L20 5M15 5h5v5",
  gift: "M4 10h16v10H4zM12 10v10M3 7h18v3H3zM12 7c-5 0-5-4-2.500-4S12 7 12 7s0-4 2.500-4s2.500 4-2.500 4",
  glass: "M8 3h8l-1 8a3 3 0 0 1-6 0zM12 14v6M8 21h8",
  globe: `${ROUND}M3 12h18M12 3c4 4 4 14 0 18M12 3c-4 4-4 14 0 18`,
  hand: "M7 12V6.500a1.500 1.500 0 0 1 3 0V11V4.500a1.500 1.500 0 0 1 3 0V11V5.500a1.500 1.500 0 0 1 3 0V12V8.500a1.500 1.500 0 0 1 3 0V15c0 4-2.500 6-6 6c-3.500 0-5-1.500-7-5l-2-3.500c1-1.500 2.500-1 3 0z",
  happy: `${ROUND}M8.500 9.500v.01M15.500 9.500v.01M8 14.500c2 3 6 3 8 0`,
  heart: "M12 20C5 15 3 11.500 3 8.500A4.500 4.500 0 0 1 12 7a4.500 4.500 0 0 1 9 1.500C21 11.500 19 15 12 20",
  hop: "M3 14c2-9 12-10 16-2M20 6l-.5 6.500l-6-2M11 19h.01",
  house: "M3 11l9-8l9 8M5 10v11h14V10M10 21v-6h4v6",
  leaf: "M5 20c0-9 4-15 15-16c0 11-5 15-12 15M5 20c2-5 5-8 9-10",
  line: "M12 3v2M12 8v2M12 13v2M12 18v2M3 12h17M16 8l4 4l-4 4",
  list: "M9 6h11M9 12h11M9 18h11M4 6h.01M4 12h.01M4 18h.01",
  lock: "M5 11h14v9H5zM8 11V7a4 4 0 0 1 8 0v4",
  loud: "M4 10v4h3l5 4V6L7 10zM16 8a6 6 0 0 1 0 8M19 5a10 10 0 0 1 0 14",
  loupe: "M10 4a6 6 0 1 1 0 12a6 6 0 0 1 0-12M14.500 14.500L21 21",
  me: "M12 3.500a3 3 0 1 1 0 6a3 3 0 0 1 0-6M6 21v-4a6 6 0 0 1 12 0v4",
  meh: `${ROUND}M8.500 9.500v.01M15.500 9.500v.01M8 15.500h8`,
  mind: "M9 21v-3H7v-4l-2-1l2-3a6 6 0 1 1 10 5v6M12 8a2 2 0 1 1-2 2",
  mute: "M4 5h16v11h-8l-5 4v-4H4zM9 8l6 5M15 8l-6 5",
  next: `${ROUND}M7 12h9M12.500 8l4 4l-4 4`,
  no: `${ROUND}M5.700 5.700l12.600 12.600`,
  page: "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
  pencil: "M4 20l1-5L16 4l4 4L9 19zM14 6l4 4",
  people: "M12 4a2.500 2.500 0 1 1 0 5a2.500 2.500 0 0 1 0-5M7 20v-4a5 5 0 0 1 10 0v4M4 8.500v.01M20 8.500v.01M2 18v-2a3 3 0 0 1 2.500-3M22 18v-2a3 3 0 0 0-2.500-3",
  phone: "M6 3h4l2 5l-2.500 1.500a11 11 0 0 0 5 5L16 12l5 2v4c0 2-1 3-3 3C10 21 3 14 3 6c0-2 1-3 3-3",
  pill: "M5.500 18.500a4.500 4.500 0 0 1 0-6.500l6.500-6.500a4.500 4.500 0 0 1 6.500 6.500L12 18.500a4.500 4.500 0 0 1-6.500 0M8.700 8.700l6.500 6.500",
  plus: "M12 4v16M4 12h16",
  question: "M8 8.500a4 4 0 1 1 5.500 3.700c-1 .5-1.500 1-1.500 2.300M12 18.500v.01",
  sad: `${ROUND}M8.500 9.500v.01M15.500 9.500v.01M8 16.500c2-3 6-3 8 0`,
  sand: "M6 3h12M6 21h12M7 3c0 5 4 6 5 9c-1 3-5 4-5 9M17 3c0 5-4 6-5 9c1 3 5 4 5 9",
  scales: "M12 4v16M7 20h10M5 7h14M5 7l-3 7h6zM19 7l-3 7h6z",
  screen: "M3 4h18v12H3zM8 20h8M12 16v4",
  share: "M6 14.500a2.500 2.500 0 1 1 0-.01M18 8a2.500 2.500 0 1 1 0-.01M18 21a2.500 2.500 0 1 1 0-.01M8 11l8-4.500M8 13l8 4.500",
  shield: "M12 3l8 3v6c0 5-4 8-8 9c-4-1-8-4-8-9V6z",
  stairs: "M3 20h5v-5h5v-5h5V5h3",
  star: "M12 3l2.500 6.500H21l-5.300 4l2 6.500L12 16l-5.700 4l2-6.500L3 9.500h6.500z",
  sun: "M12 8a4 4 0 1 1 0 8a4 4 0 0 1 0-8M12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2",
  syringe: "M14 4l6 6M17 7l-9 9H5v-3l9-9M5 19l-2 2M10 9l3 3",
  tag: "M3 12V4h8l10 10l-8 8zM7 8v.01",
  talk: "M4 5h16v11h-8l-5 4v-4H4z",
  tick: "M4 13l5 5L20 6",
  tool: "M14 6a4 4 0 0 1 6-2l-3 3l1 2l2 1l2-2a4 4 0 0 1-6 4l-8 8l-3-3z",
  two: "M8 5a2.500 2.500 0 1 1 0 5a2.500 2.500 0 0 1 0-5M3 20v-3a5 5 0 0 1 10 0v3M16.500 6.500a2.200 2.200 0 1 1 0 4.400M15 13.200a4.500 4.500 0 0 1 6 4.300V20",
  wheel: "M9 3.500a1.700 1.700 0 1 1 0 .01M9 7v6h6l3 6M9 10h5M8 12a5 5 0 1 0 6.500 6",
} as const;

/** The drawings of every code, by question: "main" or "main/corner". */
const DRAWN: Record<string, string> = {
  pictures: "happy=happy middle=meh sad=sad",
  for_whom: "me=me helping_someone_they_agree=two/tick helping_someone_cannot_ask=two/question saw_it=eye worker_there=case",
  themes:
    "force=lock voice=talk respect=sad bias=scales access=door ending=chain boundary=line privacy=eye/page treatment=pill money=coin place=house response=loud work=case other=dots",
  items:
    "force.police_called=shield/phone force.kept_in=bars/door force.held_down=hand/body force.locked_alone=alone/lock force.forced_treatment=syringe/hand force.searched=loupe/body force.threatened=bolt/talk force.reported_on=phone/eye " +
    "voice.not_asked=question/cross voice.not_told=page/question voice.pushed=hand/tick voice.no_ignored=no/ear voice.wishes_ignored=list/cross voice.supporter_out=two/door voice.not_believed=ear/cross voice.called_symptom=talk/mind " +
    "respect.rude=talk/angry respect.scared=loud/cry respect.blamed=hand/me respect.body_shame=body/sad respect.hurt_me=body/bolt respect.basic_needs=food/cross respect.not_protected=shield/cross respect.saw_harm=eye/bolt respect.hid_behind_role=case/book " +
    "bias.race=globe bias.faith=star bias.disabled=wheel bias.mind=mind bias.gender=gender bias.love=heart bias.wrong_name=tag/cross bias.language=talk/globe bias.papers=page/globe bias.poor=coin/cross bias.body=body bias.age=cake bias.drugs=glass bias.sex_work=coin/heart bias.prison=bars bias.label=tag/page " +
    "access.turned_away=door/no access.long_wait=clock/sand access.no_contact=phone/cross access.access_needs=wheel/cross access.words=hand/talk access.get_there=bus/cross access.online_only=screen/phone access.gender_gate=gender/no " +
    "ending.dropped=chain/bolt ending.sent_home=house/away ending.no_plan=list/question ending.passed_on=arrows ending.cancelled=calendar/cross ending.worker_left=me/away ending.crisis_alone=phone/alone " +
    "boundary.sexual_touch=hand/cross boundary.sexual_talk=talk/cross boundary.romance=heart/case boundary.mixed_roles=case/house boundary.unwanted_contact=phone/no boundary.used_me=gift/coin boundary.pushed_beliefs=star/hand boundary.change_me=gender/hand " +
    "privacy.shared=share/talk privacy.overheard=ear/two privacy.leak=envelope/drop privacy.watched=camera/eye privacy.wrong_notes=page/cross privacy.label=tag/sad privacy.no_see_notes=page/lock privacy.data_used=share/coin " +
    "treatment.med_worse=pill/sad treatment.med_stop=pill/hand treatment.med_wrong=pill/cross treatment.therapy_worse=talk/sad treatment.wrong_name_for_it=tag/question treatment.body_missed=body/question treatment.procedure=bolt/mind treatment.not_skilled=me/question " +
    "money.cost_hidden=coin/question money.wrong_bill=page/coin money.debt=coin/bolt money.insurer_no=shield/no money.missed_fee=calendar/coin money.rushed=clock/bolt money.for_profit=coin/plus money.lost_income=case/cross " +
    "place.dirty=drop/cross place.too_much=loud/sun place.food=food/sad place.shut_in=leaf/cross place.no_private_space=lock/question place.barriers=stairs/wheel place.few_staff=people/cross " +
    "response.no_reply=envelope/cross response.hard_to_tell=loupe/loud response.denied=no/eye response.payback=bolt/loud response.symptom_again=loud/mind response.hushed=mute response.still_happening=arrows/sad response.too_scared=mute/cry " +
    "work.told_to_harm=talk/bolt work.punished_for_solidarity=two/bolt work.silenced=mute/case work.too_many=people/plus work.no_support=me/cry work.unsafe=shield/case work.unpaid=coin/case",
  good:
    "good_care.heard=ear/heart good_care.kind=heart good_care.time=clock/heart good_care.skilled=tool/heart good_solidarity.stood_by=two/heart good_solidarity.used_power=case/heart good_solidarity.no_force=shield/cross good_solidarity.honest_power=talk/tick " +
    "good_together.peer=people/heart good_together.mutual_aid=food/heart good_together.linked=share/heart good_together.chosen_people=door/two good_repair.sorry=talk/heart good_repair.changed=arrows/tick good_repair.choice_back=hand/tick good_repair.made_it_work=tool/tick",
  when: "this_week=calendar this_month=calendar/plus last_3_months=leaf last_12_months=sun 1_to_5_years=sand longer=clock/plus many_times=arrows",
  still_going: "yes=tick no=cross",
  roles:
    "therapist=talk doctor=syringe nurse=plus social_worker=list support_worker=two front_desk=phone manager=case security=shield billing=coin interpreter=globe peer_worker=people police_or_outside=shield/door another_person_getting_care=bed someone_else=dots",
  impact: "none=happy small=meh some=sad big=cry lasting=cry/clock life_in_danger=bolt death=leaf/cross too_soon=sand",
  impact_on: "body=body mind=mind trust=hand people=two freedom=lock living=house self=me",
  scope: "one_person=me team=people rule=book",
  wants:
    "just_be_heard=ear be_counted=list say_sorry=heart explain=talk/question put_it_right_for_me=tool/me change_a_rule=book/pencil train_people=book/people fix_my_notes=page/pencil money_back=coin/back talk_to_panel=talk peer_support=people/heart meet_with_support=two/talk tell_outside_body=loud/door thank_someone=gift",
  must_not: "do_not_contact_me=phone/no do_not_tell_my_worker=case/no do_not_call_police=shield/no do_not_put_in_my_notes=page/no do_not_change_my_care=pill/no",
  share_level: "panel_only=lock count_me=list/plus panel_summary_to_clinic=people/house my_words_to_clinic=envelope/house my_words_public=globe",
  ask_me_first: "show_me_before_sharing=eye/me",
  hold_until: "now=clock wait_until_i_say=sand/hand",
  hide: "the_date=calendar/no the_place=house/no the_role=case/no quotes=talk/no",
  reply_form: "plain_words=page easy_read=page/eye large_text=page/plus audio=loud sign_video=hand/screen other_language=globe",
};

/**
 * Shapes that stand for nothing, for what a clinic has named itself: whoever comes back to a list knows the tile again by its
 * shape and its place. None of them is a drawing of something else.
 */
const SHAPES = {
  ring: "M12 4a8 8 0 1 1 0 16a8 8 0 0 1 0-16",
  triangle: "M12 4l9 16H3z",
  square: "M5 5h14v14H5z",
  zigzag: "M2.500 17l4.750-10l4.750 10l4.750-10l4.750 10",
  diamond: "M12 2.500l8 9.500l-8 9.500l-8-9.500z",
  half: "M3 17a9 9 0 0 1 18 0z",
  waves: "M3 9c3-5 6-5 9 0s6 5 9 0M3 16c3-5 6-5 9 0s6 5 9 0",
  hexagon: "M12 2.500l8 4.750v9.500l-8 4.750l-8-4.750v-9.500z",
} as const;

export const GLYPHS = { ...THINGS, ...SHAPES } as const;
export type Glyph = keyof typeof GLYPHS;

const ALL = new Map(Object.entries(DRAWN).flatMap(([q, list]) => list.split(" ").map((pair) => {
  const [code = "", drawing = ""] = pair.split("=");
  return [`${q} ${code}`, drawing.split("/") as Glyph[]] as const;
})));

/** The drawings of one answer, the second for its corner; null for what a clinic has named itself. */
export function drawingOf(question: string, code: string): Glyph[] | null {
  if (code === "not_sure") return ["question"];
  if (code === "skip") return ["hop"];
  return ALL.get(`${question} ${code}`) ?? null;
}

/** The shape of what a clinic has named itself, by its place among those, from 0. As many as fit on a form look different. */
export function shapeOf(place: number): Glyph[] {
  const shapes = Object.keys(SHAPES) as Glyph[];
  const [round, at] = [Math.floor(place / shapes.length), place % shapes.length];
  return [shapes[at], ...(round === 0 ? [] : [shapes[(round - 1) % shapes.length]])].filter((g) => g !== undefined);
}
