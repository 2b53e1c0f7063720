/** Which words are somebody's name for sure, and which say of what people or faith somebody is. */

const NAMES =
  "adam adrian ahmed aisha alan alex alexander ali alice amanda amir amy ana andrea andrew angela ann anna anne anthony " +
  "arthur ashley barbara ben benjamin bernard beth betty bob brenda brian bruce caroline carol catherine charles " +
  "charlotte chloe chris claire colin craig cynthia daniel danielle darren dave david deborah debbie dennis derek diana " +
  "diane donald donna dorothy doris douglas dylan edward eileen elaine eleanor elizabeth ellen emily emma eric esther " +
  "ethan eva evelyn fatima fiona frances francis fred gareth gary geoffrey george gerald gillian gladys gloria gordon " +
  "graham greg hannah harold harriet harry hassan heather helen henry howard hussein ian ibrahim irene isaac isabel " +
  "isabella ivan jack jackie jacob jake james jamie jane janet jason jean jeff jennifer jeremy jess jessica jill jim " +
  "joan joanna joanne joe john jonathan joseph joshua joyce judith judy julia julian julie karen kate katherine " +
  "kathleen keith kelly ken kenneth kerry kevin kim larry laura lauren leah lee leila leonard lesley leslie lewis liam " +
  "linda lisa liz lorraine louis louise lucas lucy luke lynn maggie malcolm margaret maria marie marilyn martha martin " +
  "mary mathew matt matthew maureen megan melanie melissa michael michelle mike mohamed mohammed molly monica muhammad " +
  "nadia nancy natalie nathan neil nicholas nicola nicole nigel noah norman oliver olivia omar oscar pamela patricia " +
  "patrick paul pauline peter phil philip phyllis rachel ralph raymond rebecca richard rita robert robin roger ronald " +
  "rosemary ruth ryan sally sam samantha samuel sandra sara sarah scott sean sharon sheila shirley simon sofia sophia " +
  "sophie stacey stanley stephanie stephen steve steven stuart susan suzanne teresa terry theresa thomas tim timothy " +
  "tina tom tony tracey tracy trevor valerie vanessa vera veronica victor victoria vincent virginia walter wayne wendy " +
  "william yasmin yusuf yvonne zoe " +
  // Spanish
  "alba alejandra alejandro alfonso alicia álvaro andrés ángel antón antonio beatriz begoña camila carla carlos carmen " +
  "carolina catalina cecilia cristina diego eduardo elena emilio enrique ernesto esteban felipe fernanda fernando " +
  "francisca francisco gabriel gabriela gonzalo graciela guillermo gustavo héctor hernán hugo ignacio inés isidro jaime " +
  "javier jesús jimena joaquín jordi jorge josé josefa juan juana julieta julio leticia lorena lucía lucia luis luisa " +
  "manuel manuela marcos margarita maría mariana mario marta martín mateo matías mauricio miguel montserrat natalia " +
  "nicolás nuria pablo paloma paola patricio pedro pilar rafael ramón raúl ricardo roberto rocío rodrigo rosa rosario " +
  "rubén santiago sebastián sergio silvia sofía susana tomás valentina verónica vicente xavier ximena yolanda " +
  // Arabic
  "محمد أحمد احمد محمود علي حسن حسين عمر عثمان خالد سامي سامر سمير سلمان سليمان زياد زيد ياسر ياسين يوسف يونس يحيى " +
  "إبراهيم ابراهيم إسماعيل إسحاق موسى عيسى مصطفى مروان مازن جمال نزار هاني هشام هيثم وائل وليد وسام فادي فارس فاروق " +
  "فراس فهد فيصل فؤاد عماد عصام غسان رامي بلال أنس أيمن أشرف أسامة إياد تامر توفيق جورج إلياس الياس حمزة حاتم شادي صلاح " +
  "طلال عدنان لؤي معاذ ليلى نور فاطمة عائشة خديجة زينب مريم سارة هند هدى هبة هالة سلمى سميرة سعاد سناء سحر رنا ريم " +
  "رانيا رحاب دينا دعاء داليا نادية ناديا نجلاء نجوى نوال نهى ندى منى مها ميساء لمى لينا لبنى كوثر ياسمين يسرى وفاء " +
  "ورود شيماء شيرين صفاء عبير فدوى آمنة آية أسماء أمل أميرة إيمان ابتسام بشرى حنان رشا رقية سوسن زهراء";
const FIRST = new Set(NAMES.split(" "));

/** Whether a name is one that people bear: its first word is, in large letters or small. */
export const borne = (name: string): boolean => FIRST.has((/^[\p{L}\p{M}]+/u.exec(name)?.[0] ?? "").toLowerCase());

/** A name as it is written: a capital, and small letters after it. */
export const written = (name: string): boolean => /^\p{Lu}(?:\p{Ll}|['\u2019]\p{Lu})/u.test(name);

const PEOPLES = new RegExp(
  "^(?:\\p{Lu}\\p{L}+(?:ish|nese|ese|ican|stani|sian|rian|nian|lian|dian|gian|pian|tian|vian|mian|bian)|" +
  "(?:Black|White|Brown|Deaf|Blind|Muslim|Moslem|Jew|Christian|Catholic|Protestant|Hindu|Sikh|Buddhist|Mormon|Quaker|" +
  "Atheist|Pagan|Jehovah|Witness|Roma|Romani|Romany|Gypsy|Gypsie|Traveller|Traveler|Arab|Thai|Dutch|French|Welsh|Greek|" +
  "German|Czech|Swiss|Afghan|Iraqi|Israeli|Saudi|Kurd|Tamil|Somali|African|Asian|Indian|American|European|Mexican|Korean|" +
  "Chilean|Cuban|Turk|Pole|Scot|Dane|Swede|Finn|Serb|Croat|Slav|Filipino|Filipina|Latino|Latina|Latinx|Hispanic|Bengali|" +
  "Punjabi|Gujarati|Nepali|Yemeni|Kuwaiti|Omani|Berber|Bedouin|Cree|Inuit|Maori|M\u0101ori|Aboriginal|Indigenous|Native|" +
  "Aborigine|Eskimo|Navajo|Cherokee|Igbo|Yoruba|Hausa|" +
  "Zulu|Dalit|Paki|Rohingya|Hazara|Uyghur|Trans|Gay|Lesbian|Queer|Autistic|Immigrant|Migrant|Refugee|Foreigner|Islam|" +
  "Arabic|Hebrew|Urdu|Hindi|Farsi|Pashto|Latin|Irishman|Englishman|Frenchman|Dutchman|God|Allah|Jesus|Christ)" +
  "(?:e?s)?|\\p{Lu}\\p{L}+(?:ian|ean|ican|ist|ite|stani|i)s)$", "u");

/** Whether a word with a capital says of somebody of what people, faith or kind they are, or is what they speak, or believe in. */
export const people = (word: string): boolean => PEOPLES.test(word) && !borne(word);
