/** Sentences in Spanish: what is offered for them says what they say, or nothing is offered. */

/** In each of these something is pointed at, and nothing is sure to say the same. */
export const KEPT = `
No creo que sea la única persona a la que le pasó.
Tampoco soy la única persona.
Ni soy la única persona.
Jamás fui la única paciente.
Dudo que sea la única mujer.
No creo ser la única mujer.
El único médico que me pegó sigue allí.
Todas las 3 enfermeras me pegaron.
Pasaba todos los martes.
No me llamo Miguel.
Ojalá sea la única persona.
Ojalá yo fuera la única paciente.
Quizás soy la única persona aquí.
Tal vez soy la única mujer.
Espero ser la única persona.
Si soy la única persona, no importa.
¿Soy la única persona aquí?
Soy la única persona, ¿no?
Nadie dijo que soy la única paciente.
Dicen que soy la única paciente que se queja.
Me dijeron que fui la única paciente.
Creo que soy la única persona aquí.
Siento que soy la única mujer.
Nunca dije que soy la única mujer.
No es cierto que soy la única paciente.
Niego que soy la única persona.
Ella era la única enfermera que me ayudó.
Era la única persona que me ayudó.
Fue la única doctora que no gritó.
Eres la única persona buena.
Mi hermana fue la única persona allí.
El único hombre de la planta me pegó.
La única mujer que me cuidó se fue.
Soy la única persona a la que creyeron.
Fui la única mujer a quien no le pegaron.
No soy yo la única paciente.
No fui ni la única mujer.
Sin ser la única persona, sufrí.
Soy como la única persona aquí.
Cada lunes me pegaban.
Me pegaban los lunes.
Me ataban todos los viernes.
Pasa siempre el domingo.
Los sábados no venía nadie.
Nunca vinieron el lunes.
Nadie vino el martes.
No pasó el 3 de marzo.
Solo pasó el jueves.
No estuve en la habitación 12.
Jamás he estado en Madrid.
No fue en la planta 7.
Tampoco me llevaron al hospital san juan.
No se lo dije al doctor Ruiz.
Dudo que fuera la enfermera carmen.
¿Fue el doctor Ruiz?
Quiero ver al doctor Ruiz.
Por favor, avisen a la enfermera carmen.
No fue la enfermera carmen.
Menos de 3 enfermeras me ayudaron.
Más de 7 personas miraban.
Cada 3 horas me despertaban.
Las primeras 3 enfermeras eran buenas.
No había 7 enfermeras.
Ninguna de las 3 enfermeras vino.
No tengo 18 años.
Menores de 18 años no entran.
Nunca cumplí 18 años allí.
Se lo dije a las 3 enfermeras.
No estoy embarazada.
Nunca estuve embarazada.
Quizás estoy embarazada.
Dicen que si estoy embarazada me dejan ir.
La gemela me pegó.
Su hermana gemela me pegó.
No le peguen a mi hermana gemela.
No llamen al 600 123 456, llamen al 600 123 457.
Mi número no es 600 123 456.
No se llama Carmen.
Tampoco me llamo Lucía.
Dicen que me llamo Lucía.
Me llamo loca a veces.
Odia a los de Marruecos.
Creo en Dios.
Confío en María.
No confío en María.
Les gritó a los de Colombia.
Nadie me dijo que soy la única paciente.
No digo que soy la única mujer.
No soy ni la única persona ni la última.
Ya no soy la única mujer.
Casi nunca soy la única paciente.
No fui la única mujer a la que tocó.
Mi hermana dice que soy la única persona que se queja.
Preguntó si yo era la única paciente.
Pensaba que yo era la única mujer.
¿Por qué soy la única paciente?
Probablemente soy la única persona trans aquí.
Nunca estuve en el hospital san juan.
No estuve en Sevilla el lunes.
Se negaron a llevarme al hospital san juan.
No tengo hermana gemela.
Nunca avisaron a mi hermana gemela.
Sin la enfermera Carmen estaría muerta.
No, fue la enfermera Carmen.
Nunca dije que fue el doctor Ruiz.
Ojalá despidan a la enfermera Carmen.
No culpo a María.
Nadie quería a María.
Tampoco había 3 enfermeras.
Nunca me dieron 200mg.
No tengo 43 años ni vivo en Madrid.
Casi todos los viernes está borracho.
Siempre pega el viernes.
Cada navidad nos encierran.
Dijo que los de Marruecos huelen.
La planta 7 es fría.
Entre el lunes y el jueves no comí.
Me pegó en la calle Mayor.
Hace 3 semanas me pegaron.
En 3 semanas salí.
Desde hace 3 días no como.
Había 3 enfermeras.
Las 3 enfermeras me pegaron.
Unas 3 enfermeras vinieron.
Casi 7 personas miraban.
Entre 3 enfermeras me ataron.
Entre las 3 me ataron.
De 7 a 9 me ataban.
A las 7 enfermeras les dio igual.
Me pegó una de las 3 enfermeras.
Con 19 años entré.
Mayor de 18 años.
Me llamo Ana, dijo ella.
No sé cómo se llama Pedro.
Soy la única, la única mujer de aquí.
Soy la única mujer que no lloró.
Soy la única mujer entre ellos.
Soy la única persona culpable.
Sé que soy la única mujer.
Ella sabe que soy la única mujer.
Parece que soy la única mujer.
Me tratan como si fuera la única loca.
Aunque soy la única mujer, me callo.
Estaba embarazada de 3 meses.
Una mujer embarazada lloraba.
La embarazada lloraba.
El embarazo fue duro.
Odio a la gente de Marruecos.
Llamé a Pedro.
Pienso en Ana.
Estuve en Ana Torrent.
Me dieron 200 mg de eso.
Costó 3.50 o así.
La otra doctora Ruiz me ayudó.
`;

/** What each of these becomes with every offer taken. */
export const WORDED: [string, string][] = [
  ["No me llamen al 600 123 456.", "No me llamen a ese número."],
  ["Soy la única mujer negra de la planta.", "Soy una de las personas de la planta."],
  ["Nunca me llamen al 600 123 456.", "Nunca me llamen a ese número."],
  ["No me escriban a bo@example.org.", "No me escriban a esa dirección."],
  ["Solo llámenme al 600 123 456.", "Solo llámenme a ese número."],
  ["Ni llamen al 600 123 456 ni vengan.", "Ni llamen a ese número ni vengan."],
  ["Si llaman al 600 123 456, cuelguen.", "Si llaman a ese número, cuelguen."],
  ["Creían que estaba embarazada, pero no.", "Creían que estaba en una situación especial, pero no."],
  ["No me busquen en www.example.org.", "No me busquen en esa dirección."],
  ["Jamás llamen al 600 123 456.", "Jamás llamen a ese número."],
  ["Mi hermana gemela gritó.", "Alguien cercano gritó."],
  ["Me escribieron a bo@example.org.", "Me escribieron."],
  ["El doctor Ruiz no me pegó.", "Alguien no me pegó."],
  ["La enfermera Carmen fue la única que me ayudó.", "Alguien fue la única que me ayudó."],
  ["La única que me ayudó fue la enfermera Carmen.", "La única que me ayudó fue alguien."],
  ["El lunes no comí.", "En algún momento no comí."],
  ["El lunes nadie vino.", "En algún momento nadie vino."],
  ["Vinieron 2 o 3 enfermeras.", "Vinieron un número de enfermeras."],
  ["A las 3 me ataban.", "En algún momento me ataban."],
  ["Me pegaron 3 de las enfermeras.", "Me pegaron un número de las enfermeras."],
  ["A los 19 años entré.", "A una edad que me guardo entré."],
  ["Un chico de 19 años lloraba.", "Un chico de una edad que me guardo lloraba."],
  ["Una niña de 12 años gritaba.", "Una niña de una edad que me guardo gritaba."],
  ["La mujer del doctor Ruiz gritó.", "La mujer de alguien gritó."],
  ["Me llamo Ana y tengo 20 años.", "Mi nombre me lo guardo y tengo una edad que me guardo."],
  ["Se llamaba Pedro.", "Tiene un nombre que conozco."],
  ["Soy la única enfermera sorda de la planta.", "Soy una de las personas de la planta."],
  ["Fui la única persona en el hospital san juan.", "Fui una de las personas en algún lugar."],
  ["Soy el único hombre.", "Soy una de las personas."],
  ["Soy el único hombre ciego aquí.", "Soy una de las personas aquí."],
  ["Mi embarazo fue duro.", "Algo mío fue duro."],
  ["Vengo de Marruecos.", "Vengo de algún lugar."],
  ["La gente de Marruecos me ayudó.", "La gente de algún lugar me ayudó."],
  ["Hablé con gente de Marruecos.", "Hablé con gente de algún lugar."],
  ["Vi a Carmen.", "Vi a alguien."],
  ["Fui a Carmen de Patagones.", "Fui a algún lugar."],
  ["Llegué a Pedro Muñoz.", "Llegué a algún lugar."],
  ["Me dijo que el lunes salgo.", "Me dijo que en algún momento salgo."],
  ["Pagué 50€ por eso.", "Pagué una cantidad por eso."],
  ["Cogí el autobús 42.", "Cogí el autobús."],
  ["Estoy en la sección 3.", "Estoy en la sección."],
  ["Soy la única persona aquí.", "Soy una de las personas aquí."],
  ["Fui la única mujer.", "Fui una de las personas."],
  ["Yo era la única paciente allí.", "Yo era una de las personas allí."],
  ["Lloré porque soy la única mujer trans aquí.", "Lloré porque soy una de las personas aquí."],
  ["Me pegaron el lunes.", "Me pegaron en algún momento."],
  ["Me encerraron el viernes por la noche.", "Me encerraron en algún momento."],
  ["Pasó en enero de 2021.", "Pasó en algún momento."],
  ["Fue el 3 de marzo.", "Fue hace un tiempo."],
  ["Vino a las tres y me gritó.", "Vino en algún momento y me gritó."],
  ["Estuve en el hospital San Juan.", "Estuve en algún lugar."],
  ["Vivo en Madrid.", "Vivo en algún lugar."],
  ["Soy de Colombia.", "Soy de algún lugar."],
  ["Me mandaron a Sevilla.", "Me mandaron a algún lugar."],
  ["La enfermera Carmen me empujó.", "Alguien me empujó."],
  ["El doctor Ruiz se rió.", "Alguien se rió."],
  ["Mi amiga María lo vio.", "Mi amiga lo vio."],
  ["Una mujer llamada Rosa me ayudó.", "Alguien me ayudó."],
  ["Me llamo Lucía.", "Mi nombre me lo guardo."],
  ["Su nombre es Ana.", "Tiene un nombre que conozco."],
  ["Mi hermana gemela murió.", "Alguien cercano murió."],
  ["Mi gemelo lloraba.", "Alguien cercano lloraba."],
  ["Tengo 19 años.", "Tengo una edad que me guardo."],
  ["A los 14 años me encerraron.", "A una edad que me guardo me encerraron."],
  ["Soy una mujer de 43 años.", "Soy una mujer de una edad que me guardo."],
  ["Esperé 5 horas.", "Esperé un número de horas."],
  ["Me sujetaron 3 hombres.", "Me sujetaron un número de hombres."],
  ["Mis 3 hijos lloraban.", "Mis hijos lloraban."],
  ["Me dieron 20mg.", "Me dieron una cantidad."],
  ["Estoy embarazada.", "Estoy en una situación especial."],
  ["Se rieron de mi embarazo.", "Se rieron de algo mío."],
  ["Mi correo es bo@example.org.", "Mi correo es algo que me guardo."],
  ["Me llamaron al 600 123 456.", "Me llamaron."],
  ["Desde enero me tienen aquí.", "Desde ese momento me tienen aquí."],
  ["Ayer me ataron en la cama 4.", "En algún momento me ataron en algún lugar."],
  ["Miré a María.", "Miré a alguien."],
  ["El lunes pasado vino la doctora Gómez.", "En algún momento vino alguien."],
  ["El hombre de María gritó.", "El hombre de alguien gritó."],
  ["Me acompañó el hijo de Pedro.", "Me acompañó el hijo de alguien."],
];
