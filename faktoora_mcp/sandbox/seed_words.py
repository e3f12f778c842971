"""Vocabulary of the invented customers: common names and real places, and many more put together."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product
from typing import NamedTuple


class Place(NamedTuple):
    country: str
    postcode: str
    city: str
    dialling: str
    authority: str = ""


def _places(country: str, listed: str) -> tuple[Place, ...]:
    return tuple(Place(country, *line.strip().split("|")) for line in listed.strip().splitlines())


def _words(listed: str) -> list[str]:
    return listed.split(",")


# Postcode, city, dialling code and, for German cities, the municipality key at the start of a Leitweg-ID.
GERMAN = _places(
    "DE",
    """
    10115|Berlin|30|11000000
    20095|Hamburg|40|02000000
    80331|München|89|09162000
    50667|Köln|221|05315000
    60311|Frankfurt am Main|69|06412000
    70173|Stuttgart|711|08111000
    40213|Düsseldorf|211|05111000
    04109|Leipzig|341|14713000
    01067|Dresden|351|14612000
    30159|Hannover|511|03241001
    90402|Nürnberg|911|09564000
    28195|Bremen|421|04011000
    48143|Münster|251|05515000
    76133|Karlsruhe|721|08212000
    86150|Augsburg|821|09761000
    24103|Kiel|431|01002000
    18055|Rostock|381|13003000
    99084|Erfurt|361|16051000
    55116|Mainz|6131|07315000
    66111|Saarbrücken|681|10041100
    79098|Freiburg im Breisgau|761|08311000
    23552|Lübeck|451|01003000
    93047|Regensburg|941|09362000
    97070|Würzburg|931|09663000
    37073|Göttingen|551|03159016
    06108|Halle (Saale)|345|15002000
    39104|Magdeburg|391|15003000
    14467|Potsdam|331|12054000
    33602|Bielefeld|521|05711000
    49074|Osnabrück|541|03404000
    07743|Jena|3641|16053000
    09111|Chemnitz|371|14511000
    26122|Oldenburg|441|03403000
    69117|Heidelberg|6221|08221000
    89073|Ulm|731|08421000
    24937|Flensburg|461|01001000
    94032|Passau|851|09262000
    02826|Görlitz|3581|14626110
    """,
)
AUSTRIAN = _places(
    "AT",
    """
    1010|Wien|1
    1070|Wien|1
    8010|Graz|316
    4020|Linz|732
    5020|Salzburg|662
    6020|Innsbruck|512
    9020|Klagenfurt am Wörthersee|463
    9500|Villach|4242
    4600|Wels|7242
    3100|St. Pölten|2742
    6850|Dornbirn|5572
    6900|Bregenz|5574
    """,
)
SWISS = _places(
    "CH",
    """
    8001|Zürich|44
    4051|Basel|61
    3011|Bern|31
    8400|Winterthur|52
    6003|Luzern|41
    9000|St. Gallen|71
    6300|Zug|41
    7000|Chur|81
    3600|Thun|33
    8200|Schaffhausen|52
    5000|Aarau|62
    """,
)
FOREIGN = (
    *_places("LI", "9490|Vaduz|\n9494|Schaan|\n9496|Balzers|"),
    *_places("NL", "1012 AB|Amsterdam|20\n3511 LX|Utrecht|30\n5911 HC|Venlo|77"),
    *_places("FR", "67000|Strasbourg|388\n69002|Lyon|472\n75002|Paris|142\n68000|Colmar|389"),
    *_places("IT", "39100|Bolzano|0471\n20121|Milano|02\n38122|Trento|0461"),
    *_places("PL", "00-001|Warszawa|22\n50-101|Wrocław|71\n70-001|Szczecin|91\n61-701|Poznań|61"),
)
DIALLING = {
    "DE": "+49",
    "AT": "+43",
    "CH": "+41",
    "LI": "+423",
    "NL": "+31",
    "FR": "+33",
    "IT": "+39",
    "PL": "+48",
}

GERMAN_STREETS = _words(
    "Hauptstraße,Bahnhofstraße,Gartenstraße,Schulstraße,Lindenstraße,Kirchgasse,Am Markt,Goethestraße,"
    "Schillerstraße,"
    "Mühlenweg,Industriestraße,Ringstraße,Bergstraße,Rosenweg,Birkenallee,Mozartstraße,Poststraße,Wiesenweg,"
    "Königstraße,Beethovenstraße,Am Alten Hafen,Brückenstraße,Fürther Weg,Süßmilchgasse,Waldstraße,Feldstraße"
)
SWISS_STREETS = _words(
    "Bahnhofstrasse,Hauptstrasse,Dorfstrasse,Seestrasse,Kirchgasse,Industriestrasse,"
    "Bergstrasse,Gartenweg,Rosenstrasse"
)
FOREIGN_STREETS = {
    "NL": _words("Dorpsstraat {},Stationsweg {},Kerkstraat {},Molenlaan {}"),
    "FR": _words("{} rue de la République,{} rue du Marché,{} avenue des Vosges,{} rue de l'Église"),
    "IT": _words("Via Roma {},Via Garibaldi {},Piazza Dante {},Via Monte Rosa {}"),
    "PL": _words("ul. Długa {},ul. Ogrodowa {},ul. Mickiewicza {},ul. Piękna {}"),
}

SURNAMES = _words(
    "Schmidt,Schneider,Fischer,Weber,Meyer,Wagner,Becker,Schulz,Hoffmann,Schäfer,Koch,Bauer,Richter,Klein,Wolf,"
    "Schröder,Neumann,Schwarz,Zimmermann,Braun,Krüger,Hofmann,Hartmann,Lange,Schmitt,Werner,Krause,Meier,Lehmann,"
    "Köhler,Herrmann,König,Walter,Mayer,Huber,Kaiser,Fuchs,Peters,Lang,Scholz,Möller,Weiß,Jung,Hahn,Schubert,Vogel,"
    "Friedrich,Keller,Günther,Franz,Berger,Winkler,Roth,Beck,Lorenz,Baumann,Franke,Albrecht,Schuster,Simon,Ludwig,"
    "Böhm,Winter,Kraus,Martin,Schumacher,Krämer,Vogt,Stein,Jäger,Otto,Sommer,Groß,Seidel,Heinrich,Brandt,Haas,"
    "Schreiber,Graf,Dietrich,Ziegler,Kuhn,Kühn,Pohl,Engel,Horn,Busch,Bergmann,Thomas,Voigt,Sauer,Arnold,Wolff,"
    "Pfeiffer,Gruber,Steiner,Moser,Egger,Brunner,Bühler,Zürcher,Ammann,Öztürk,Yildiz,Nowak,Kowalski,Dupont,Rossi,"
    "de Vries,Jansen,Çelik,Strauß,Heß,Preuß,Weißbach,Großmann,Förster,Häusler,Übelhör"
)
FEMALE = _words(
    "Anna,Maria,Julia,Katharina,Sabine,Petra,Ursula,Lena,Sophie,Claudia,Susanne,Jana,Birgit,Heike,Jördis,Renée,Zoë,"
    "Elif,Magdalena,Ines,Käthe,Ulrike"
)
MALE = _words(
    "Thomas,Michael,Andreas,Stefan,Jürgen,Peter,Markus,Lukas,Felix,Jörg,Björn,Günter,Wolfgang,Matthias,Jan,Emre,"
    "Piotr,Luca,René,André,Sören,Götz"
)
TRADES = _words(
    "Elektrotechnik,Metallbau,Bau,Tischlerei,Logistik,Gebäudereinigung,Druck,Software,Maschinenbau,Gartenbau,"
    "Heizungsbau,Fördertechnik,Medizintechnik,Immobilien,Spedition,Bäckerei,Getränke,Küchen,Büromöbel,Fensterbau,"
    "Steuerberatung,Ingenieure,Werbung,Präzisionsteile,Textil,Großhandel,Kältetechnik,Messebau,Optik,Weinhandel"
)
LEGAL_FORMS = {
    "DE": _words("GmbH,GmbH,GmbH,GmbH & Co. KG,AG,UG (haftungsbeschränkt),KG,OHG,e.K.,GbR"),
    "AT": _words("GmbH,GmbH,KG,OG,AG,e.U."),
    "CH": _words("AG,AG,GmbH,GmbH"),
    "LI": _words("AG,Anstalt"),
    "NL": _words("B.V.,B.V.,N.V."),
    "FR": _words("SARL,SAS,SA"),
    "IT": _words("S.r.l.,S.p.A.,S.n.c."),
    "PL": _words("Sp. z o.o.,S.A."),
}
AUTHORITIES = _words(
    "Stadt {},Stadtverwaltung {} (Kämmerei),Stadtwerke {} (Eigenbetrieb),Landratsamt {},Finanzamt {},"
    "Universitätsklinikum {},Amtsgericht {},Berufsschule {},Feuerwehr {},Stadtbibliothek {}"
)
CATEGORIES = ("Stammkunde", "Stammkunde", "Stammkunde", "Neukunde", "Großkunde", "Gelegenheitskunde")
INDUSTRIES = ("Handwerk", "Handel", "Industrie", "Dienstleistung", "Gastronomie", "Gesundheit")
POSITIONS = ("Geschäftsführung", "Einkauf", "Buchhaltung", "Bauleitung", "Sekretariat", "IT-Leitung")
NOTES = (
    "Zahlt immer pünktlich, 2 % Skonto vereinbart.",
    "Rechnungen bitte nur per E-Mail an die Buchhaltung.",
    "Bestellnummer muss auf jeder Rechnung stehen.",
    "Ansprechpartnerin bis August in Elternzeit.",
    "Mahnstufe 1 im letzten Quartal, danach beglichen.",
    "Lieferung nur vormittags, Rampe im Hof.",
    "Hat nach Umzug die Anschrift geändert.",
    "Rahmenvertrag bis Jahresende, danach neu verhandeln.",
)
WAREHOUSES = ("Lager", "Werk 2", "Baustelle", "Filiale", "Wareneingang", "Zweigstelle")

_SURNAME_STARTS = _words(
    "Acher,Ahorn,Alben,Amsel,Ange,Asten,Auer,Balder,Bern,Biber,Birken,Blumen,Boden,Brand,Breiten,Brom,Buchen,"
    "Burg,Dachs,Dorn,Drossel,Ebers,Eichen,Eisen,Elster,Erlen,Eschen,Falken,Farn,Feder,Fichten,Finken,Fuhr,Gabel,"
    "Garten,Gersten,Gold,Grün,Hafer,Hagen,Hasel,Heiden,Hirten,Hohen,Holder,Hopfen,Igel,Immen,Kasten,Kirch,Klee,"
    "Kohl,Korn,Krähen,Kreuz,Lauben,Lerchen,Linden,Lohen,Löwen,Mahl,Marder,Möhren,Mühl,Nebel,Nessel,Nuss,Ochsen,"
    "Otter,Pappel,Pilgrim,Quell,Raben,Reb,Reiher,Rohr,Rosen,Rüben,Salz,Sand,Schiefer,Schlehen,Schwanen,Seiden,"
    "Silber,Sperling,Stahl,Steck,Storchen,Tannen,Taub,Thal,Torf,Ulmen,Wachtel,Wald,Weiden,Wiesen,Ziegel,Zirbel"
)
_SURNAME_ENDS = _words(
    "acker,auer,bach,bacher,baum,becker,berger,binder,bichler,brecht,brink,brunner,burger,dorfer,egger,eder,felder,"
    "fried,gartner,graber,hagen,halter,hammer,hauer,heimer,hofer,holzer,huber,hübner,kamp,kötter,lechner,leitner,"
    "loher,mair,mann,mayr,meister,moser,müller,pichler,reuter,rieder,röder,schläger,schmied,schnabel,schütz,seder,"
    "siedler,stecher,steiger,stetter,thaler,träger,wanger,weger,wirth,zeller,ziegler"
)
_COINED_STARTS = _words(
    "Al,Bra,Cor,Dul,Elv,Fen,Gar,Hel,Ilo,Jad,Kem,Lor,Mev,Nor,Olt,Pra,Quo,Riv,Sul,Tev,Ulm,Ven,Wor,Yal,Zer"
)
_COINED_MIDDLES = _words("a,ando,avi,e,ento,eri,i,indo,ori,osta,u,uni")
_COINED_ENDS = _words("bix,cor,dal,fex,gon,lith,mar,nex,plan,quil,rond,sys,tal,tec,tron,vent,vis,zent")
_TRADE_STARTS = _words(
    "Anlagen,Beton,Blech,Dach,Daten,Draht,Fassaden,Fliesen,Förder,Garten,Glas,Holz,Hydraulik,Kabel,Kälte,"
    "Kunststoff,Laden,Land,Licht,Luft,Mess,Möbel,Mühlen,Papier,Pumpen,Rohr,Schilder,Solar,Stahl,Textil,"
    "Verpackungs,Wasser,Werkzeug,Zelt"
)
_TRADE_ENDS = _words(
    "bau,design,großhandel,handel,instandhaltung,logistik,montage,planung,reinigung,service,systeme,technik,"
    "verarbeitung,vertrieb,werke"
)
_MORE_FEMALE = _words(
    "Adelheid,Agnes,Alina,Amelie,Andrea,Angelika,Annika,Antonia,Barbara,Beate,Bettina,Brigitte,Carla,Carolin,"
    "Charlotte,Clara,Cornelia,Daniela,Doris,Edith,Elena,Elisabeth,Emilia,Erika,Eva,Franziska,Frieda,Gabriele,"
    "Gerda,Gisela,Greta,Hannelore,Helene,Hilde,Ida,Ilse,Ingrid,Irene,Isabel,Johanna,Judith,Karin,Lea,Leonie,"
    "Lotte,Luise,Margarete,Marlene,Martha,Melanie,Mia,Monika,Nadine,Nele,Nicole,Nina,Nora,Olga,Paula,Pia,Regina,"
    "Renate,Rita,Rosa,Ruth,Sandra,Silke,Simone,Sonja,Stefanie,Tanja,Theresa,Ute,Vera,Veronika,Yvonne"
)
_MORE_MALE = _words(
    "Achim,Albert,Alexander,Alfred,Anton,Armin,Arthur,August,Bastian,Benedikt,Bernd,Bruno,Carsten,Christoph,"
    "Claus,Daniel,David,Detlef,Dieter,Dirk,Eduard,Elias,Emil,Erich,Ernst,Fabian,Florian,Franz,Friedhelm,Georg,"
    "Gerhard,Gregor,Gustav,Hannes,Harald,Heiko,Heinz,Helmut,Hendrik,Henri,Herbert,Holger,Horst,Ingo,Jakob,Jannik,"
    "Joachim,Johannes,Jonas,Josef,Julius,Kai,Karl,Kevin,Klaus,Konrad,Kurt,Lars,Leo,Linus,Manfred,Mario,Max,"
    "Moritz,Norbert,Oliver,Oskar,Patrick,Paul,Philipp,Rainer,Ralf,Reinhard,Robert,Rudolf,Sebastian,Siegfried,"
    "Simon,Theo,Tim,Tobias,Uwe,Valentin,Volker,Walter,Wilhelm,Xaver"
)
_TOWN_STEMS = _words(
    "Ahorn,Birken,Brunn,Buchen,Dachs,Eichen,Eller,Eschen,Falken,Fisch,Garten,Hasel,Heide,Hirsch,Kalten,Kirsch,"
    "Krumm,Lauter,Linden,Mühl,Nessel,Otter,Pappel,Raben,Rehm,Rohr,Salz,Schwarz,Stein,Tannen,Ulmen,Wolfs"
)
_TOWN_STARTS = _words(",Ober,Unter,Neu,Alt,Groß,Klein,Hohen,Nieder,Bad ")
_TOWN_ENDS = {
    "DE": _words("bach,berg,dorf,feld,hagen,hausen,heim,hofen,rode,stedt,tal,wede"),
    "AT": _words("au,bach,dorf,egg,kirchen,reith,schlag"),
    "CH": _words("bühl,egg,ikon,ingen,matt,wil"),
}
_COMMON_SHARE, _CITY_SHARE = 10, 60
"""So many times a common name or a city is in the list, for each name or town that is put together."""


class Vocabulary(NamedTuple):
    """`marks` are what firms are called by; `municipalities` have authorities."""

    surnames: Sequence[str]
    female: Sequence[str]
    male: Sequence[str]
    first_names: Sequence[str]
    marks: Sequence[str]
    trades: Sequence[str]
    german: Sequence[Place]
    austrian: Sequence[Place]
    swiss: Sequence[Place]
    municipalities: Sequence[Place]


@cache
def few() -> Vocabulary:
    """Common names and well-known places, for the first customers."""
    first_names = FEMALE + MALE
    return Vocabulary(SURNAMES, FEMALE, MALE, first_names, SURNAMES, TRADES, GERMAN, AUSTRIAN, SWISS, GERMAN)


@cache
def many() -> Vocabulary:
    """So many names and places that of 100,000 customers few share both."""
    female, male = FEMALE + _MORE_FEMALE, MALE + _MORE_MALE
    surnames = [*_joined(_SURNAME_STARTS, _SURNAME_ENDS), *SURNAMES * _COMMON_SHARE]
    coined = _joined(_COINED_STARTS, _COINED_MIDDLES, _COINED_ENDS)
    trades = [*_joined(_TRADE_STARTS, _TRADE_ENDS), *TRADES * _COMMON_SHARE]
    german, austrian, swiss = ([*_towns(country)] for country in _TOWN_ENDS)
    return Vocabulary(
        surnames,
        female,
        male,
        female + male,
        [*surnames, *coined],
        trades,
        [*german, *GERMAN * _CITY_SHARE],
        [*austrian, *AUSTRIAN * _CITY_SHARE],
        [*swiss, *SWISS * _CITY_SHARE],
        german,
    )


def _joined(*parts: Sequence[str]) -> Iterator[str]:
    return map("".join, product(*parts))


def _towns(country: str) -> Iterator[Place]:
    """Invented towns, with postcode, dialling code and municipality key of the usual form."""
    names = product(_TOWN_STARTS, _TOWN_STEMS, _TOWN_ENDS[country])
    for number, (start, stem, end) in enumerate(names):
        postcode = f"{1100 + 23 * number:05d}" if country == "DE" else f"{1000 + 3 * number}"
        name = f"{start}{stem if start in {'', 'Bad '} else stem.lower()}{end}"
        yield Place(country, postcode, name, f"{2200 + number}", f"{number % 16 + 1:02d}{100_000 + number}")
