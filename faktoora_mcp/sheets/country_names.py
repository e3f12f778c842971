"""German and English names of countries beyond those that the rules know, as lists of customers have them."""

from functools import lru_cache

from faktoora_mcp.rules.standards import ALPHA_3, COUNTRIES, COUNTRY_NAMES

_NAMES = """
    AD=Andorra; AE=Vereinigte Arabische Emirate|United Arab Emirates; AF=Afghanistan;
    AG=Antigua und Barbuda|Antigua and Barbuda; AI=Anguilla; AL=Albanien|Albania; AM=Armenien|Armenia;
    AO=Angola; AQ=Antarktis|Antarctica; AR=Argentinien|Argentina; AS=Amerikanisch-Samoa|American Samoa;
    AW=Aruba; AX=Aaland-Inseln|Åland Islands|Åland-Inseln; AZ=Aserbaidschan|Azerbaijan;
    BA=Bosnien und Herzegowina|Bosnia and Herzegovina; BB=Barbados; BD=Bangladesch|Bangladesh;
    BF=Burkina Faso; BH=Bahrain; BI=Burundi; BJ=Benin; BL=Saint Barthélemy|Saint-Barthélemy; BM=Bermuda;
    BN=Brunei|Brunei Darussalam;
    BO=Bolivien|Bolivia|Bolivien, Plurinationaler Staat|Bolivia, Plurinational State of;
    BQ=Bonaire, Sint Eustatius und Saba|Bonaire, Sint Eustatius and Saba; BR=Brasilien|Brazil; BS=Bahamas;
    BT=Bhutan; BV=Bouvet-Insel|Bouvet Island; BW=Botsuana|Botswana; BY=Belarus; BZ=Belize;
    CC=Kokos-Inseln|Cocos Islands|Kokos-(Keeling-)Inseln|Cocos (Keeling) Islands;
    CD=Demokratische Republik Kongo|The Democratic Republic Of Congo|Congo, The Democratic Republic of the;
    CF=Zentralafrikanische Republik|Central African Republic; CG=Kongo|Congo;
    CI=Elfenbeinküste|Côte d'Ivoire; CK=Cook-Inseln|Cook Islands|Cookinseln; CL=Chile; CM=Kamerun|Cameroon;
    CO=Kolumbien|Colombia; CR=Costa Rica; CU=Kuba|Cuba; CV=Kap Verde|Cape Verde|Cabo Verde; CW=Curaçao;
    CX=Weihnachtsinsel|Christmas Island|Weihnachtsinseln; DJ=Dschibuti|Djibouti; DM=Dominica;
    DO=Dominikanische Republik|Dominican Republic; DZ=Algerien|Algeria; EC=Ecuador; EG=Ägypten|Egypt;
    EH=Westsahara|Western Sahara; ER=Eritrea; ET=Äthiopien|Ethiopia; FJ=Fidschi|Fiji;
    FK=Falkland-Inseln|Falkland Islands|Falklandinseln (Malwinen)|Falkland Islands (Malvinas);
    FM=Mikronesien|Micronesia|Mikronesien, Föderierte Staaten von|Micronesia, Federated States of;
    FO=Färöer-Inseln|Faroe Islands; GA=Gabun|Gabon; GD=Grenada; GE=Georgien|Georgia;
    GF=Französisch-Guayana|French Guiana|Französisch-Guyana; GG=Guernsey; GH=Ghana; GI=Gibraltar;
    GL=Grönland|Greenland; GM=Gambia; GN=Guinea; GP=Guadeloupe;
    GQ=Äquatorial-Guinea|Equatorial Guinea|Äquatorialguinea;
    GS=Süd-Georgia und die südlichen Sandwich-Inseln|South Georgia And The South Sandwich Islands|
    South Georgia und die Südlichen Sandwichinseln;
    GT=Guatemala; GU=Guam; GW=Guinea-Bissau; GY=Guyana; HK=Hongkong|Hong Kong;
    HM=Heard- und McDonald-Inseln|Heard Island And McDonald Islands|Heard und McDonaldinseln; HN=Honduras;
    HT=Haiti; ID=Indonesien|Indonesia; IL=Israel; IM=Isle of Man|Insel Man;
    IO=Britische Territorien im Indischen Ozean|British Indian Ocean Territory|
    Britisches Territorium im Indischen Ozean;
    IQ=Irak|Iraq; IR=Iran|Iran, Islamische Republik|Iran, Islamic Republic of; JE=Jersey;
    JM=Jamaika|Jamaica; JO=Jordanien|Jordan; KE=Kenia|Kenya; KG=Kirgistan|Kyrgyzstan|Kirgisistan;
    KH=Kambodscha|Cambodia; KI=Kiribati; KM=Komoren|Comoros;
    KN=Saint Kitts und Nevis|Saint Kitts And Nevis|St. Kitts und Nevis;
    KP=Nordkorea|North Korea|Korea, Demokratische Volksrepublik|Korea, Democratic People's Republic of;
    KR=Südkorea|South Korea|Korea, Republik|Korea, Republic of; KW=Kuwait;
    KY=Kaiman-Inseln|Cayman Islands|Cayman-Inseln; KZ=Kasachstan|Kazakhstan;
    LA=Laos|Laos, Demokratische Volksrepublik|Lao People's Democratic Republic; LB=Libanon|Lebanon;
    LC=St. Lucia|Saint Lucia; LK=Sri Lanka; LR=Liberia; LS=Lesotho; LY=Libyen|Libya; MA=Marokko|Morocco;
    MD=Moldau|Moldova|Moldau, Republik|Moldova, Republic of; ME=Montenegro;
    MF=St. Martin|Saint Martin|Saint Martin (Französischer Teil)|Saint Martin (French part);
    MG=Madagaskar|Madagascar; MH=Marshall-Inseln|Marshall Islands|Marshallinseln;
    MK=Mazedonien|Macedonia|Nordmazedonien|North Macedonia; ML=Mali; MM=Myanmar; MN=Mongolei|Mongolia;
    MO=Macao; MP=Nördliche Mariannen-Inseln|Northern Mariana Islands|Nördliche Marianen; MQ=Martinique;
    MR=Mauretanien|Mauritania; MS=Montserrat; MU=Mauritius; MV=Maldiven|Maldives|Malediven; MW=Malawi;
    MX=Mexiko|Mexico; MY=Malaysia; MZ=Mosambik|Mozambique; NA=Namibia; NC=Neukaledonien|New Caledonia;
    NE=Niger; NF=Norfolk-Insel|Norfolk Island|Norfolkinsel; NG=Nigeria; NI=Nicaragua; NP=Nepal; NR=Nauru;
    NU=Niue; NZ=Neuseeland|New Zealand; OM=Oman; PA=Panama; PE=Peru;
    PF=Französisch-Polynesien|French Polynesia; PG=Papua-Neuguinea|Papua New Guinea;
    PH=Philippinen|Philippines; PK=Pakistan; PM=St. Pierre und Miquelon|Saint Pierre And Miquelon;
    PN=Pitcairn; PR=Puerto Rico; PS=Palästina|Palestine|Palästina, Staat|Palestine, State of; PW=Palau;
    PY=Paraguay; QA=Katar|Qatar; RE=Reunion|Réunion; RU=Russische Föderation|Russian Federation;
    RW=Ruanda|Rwanda; SA=Saudi-Arabien|Saudi Arabia; SB=Solomon-Inseln|Solomon Islands|Salomoninseln;
    SC=Seychellen|Seychelles; SD=Sudan; SG=Singapur|Singapore;
    SH=St. Helena|Saint Helena|St. Helena, Ascension und Tristan da Cunha|
    Saint Helena, Ascension and Tristan da Cunha;
    SJ=Svalbard und Jan Mayen|Svalbard And Jan Mayen; SL=Sierra Leone; SM=San Marino; SN=Senegal;
    SO=Somalia; SR=Suriname; SS=Südsudan|South Sudan;
    ST=Sao Tome und Principe|Sao Tome And Principe|São Tomé und Príncipe; SV=El Salvador;
    SX=Sint Maarten (Niederländischer Teil)|Sint Maarten (Dutch part)|Saint-Martin (Niederländischer Teil);
    SY=Syrien|Syria|Syrien, Arabische Republik|Syrian Arab Republic; SZ=Swasiland|Swaziland|Eswatini;
    TC=Turks- und Caicos-Inseln|Turks And Caicos Islands|Turks- und Caicosinseln; TD=Tschad|Chad;
    TF=Französische Südgebiete|French Southern Territories|Französische Süd- und Antarktisgebiete; TG=Togo;
    TH=Thailand; TJ=Tadschikistan|Tajikistan; TK=Tokelau; TL=Timor-Leste; TM=Turkmenistan;
    TN=Tunesien|Tunisia; TO=Tonga; TT=Trinidad und Tobago|Trinidad and Tobago; TV=Tuvalu;
    TW=Taiwan|Taiwan, Chinesische Provinz|Taiwan, Province of China;
    TZ=Tansania|Tanzania|Tansania, Vereinigte Republik|Tanzania, United Republic of; UG=Uganda;
    UM=Übrige Inseln im Pazifik der USA|United States Minor Outlying Islands; UY=Uruguay;
    UZ=Usbekistan|Uzbekistan;
    VA=Vatikanstadt|Vatican|Heiliger Stuhl (Staat Vatikanstadt)|Holy See (Vatican City State);
    VC=St. Vincent und die Grenadinen|Saint Vincent And The Grenadines;
    VE=Venezuela|Venezuela, Bolivarische Republik|Venezuela, Bolivarian Republic of;
    VG=Britische Jungferninseln|British Virgin Islands|Virgin Islands, British;
    VI=Amerikanische Jungferninseln|U.S. Virgin Islands|Virgin Islands, U.S.; VN=Vietnam|Viet Nam;
    VU=Vanuatu; WF=Wallis und Futuna|Wallis And Futuna; WS=Samoa; YE=Jemen|Yemen; YT=Mayotte;
    ZA=Südafrika|South Africa; ZM=Sambia|Zambia; ZW=Simbabwe|Zimbabwe;
"""
"""ISO 3166-1: names by alpha-2 code, from CLDR and the translations of iso-codes."""
_MANY = 1_000


@lru_cache(maxsize=_MANY)
def country_code(text: str) -> str | None:
    """The code of a country's name, of its code for vehicles or of three letters.

    None for a code of two letters, a typing error or an unknown name.
    """
    name, code = text.casefold(), text.upper()
    if code in COUNTRIES:
        return None
    return COUNTRY_NAMES.get(name) or ALPHA_3.get(code) or _codes().get(name)


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    rows = (row.strip().partition("=") for row in _NAMES.split(";"))
    return {name.strip().casefold(): code for code, _, names in rows for name in names.split("|") if name}
