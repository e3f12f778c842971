"""ISO 3166-1 alpha-2 codes, and the German and English names of countries in spreadsheets."""

from .folding import fold

_CODES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV
    BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES
    ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE
    IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY
    MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU
    NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM
    SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE
    VG VI VN VU WF WS YE YT ZA ZM ZW
"""
CODES = frozenset(_CODES.split())

_NAMES = {
    "AT": "Österreich, Oesterreich, Austria, A",
    "BE": "Belgien, Belgium, Belgique, B",
    "BG": "Bulgarien, Bulgaria",
    "CH": "Schweiz, Switzerland, Suisse, Svizzera",
    "CZ": "Tschechien, Tschechische Republik, Czechia, Czech Republic",
    "DE": "Deutschland, Germany, Bundesrepublik Deutschland, BRD, D",
    "DK": "Dänemark, Daenemark, Denmark",
    "ES": "Spanien, Spain, E",
    "FI": "Finnland, Finland",
    "FR": "Frankreich, France, F",
    "GB": "Großbritannien, Vereinigtes Königreich, England, United Kingdom, Great Britain, UK",
    "GR": "Griechenland, Greece, EL",
    "HR": "Kroatien, Croatia",
    "HU": "Ungarn, Hungary",
    "IE": "Irland, Ireland",
    "IT": "Italien, Italy, Italia, I",
    "LI": "Liechtenstein, Fürstentum Liechtenstein, FL",
    "LT": "Litauen, Lithuania",
    "LU": "Luxemburg, Luxembourg, L",
    "LV": "Lettland, Latvia",
    "NL": "Niederlande, Holland, Netherlands, The Netherlands",
    "NO": "Norwegen, Norway",
    "PL": "Polen, Poland, Polska",
    "PT": "Portugal, P",
    "RO": "Rumänien, Romania",
    "SE": "Schweden, Sweden",
    "SI": "Slowenien, Slovenia",
    "SK": "Slowakei, Slovakia",
    "TR": "Türkei, Turkey",
    "US": "USA, Vereinigte Staaten, United States",
}
_CODE_BY_NAME = {fold(name): code for code, names in _NAMES.items() for name in names.split(", ")}


def code_for(name: str) -> str:
    """`Österreich`, `AUSTRIA` and `at` become `AT`. Unknown names are returned unchanged."""
    code = name.strip().upper()
    return code if code in CODES else _CODE_BY_NAME.get(fold(name.strip()), name)
